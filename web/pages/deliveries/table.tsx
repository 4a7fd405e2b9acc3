import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useImperativeHandle, useMemo, useRef, useState, type Ref } from 'react';
import type { Delivery } from '../../api/client.ts';
import { useKeys } from '../../keys.ts';
import { Button } from '../../ui/button.tsx';
import { moveFocus } from '../../ui/focus.ts';
import { useEndpointNames } from './endpoint-names.ts';
import { Run } from './run.tsx';
import { fold, keyOf } from './fold.ts';
import { Row } from './row.tsx';
import { useRowKeys, type PageKeys } from './row-keys.ts';
import { words } from '../../words/index.ts';
import styles from './table.module.css';

const ROW_PX = 44;
const UNASKED_ROWS = 250;
const FRAMES_TO_ROW = 20;

export interface TableHandle {
  /** Nobody has scrolled, pointed or moved the focus into it. */
  isAtRest(): boolean;
  focus(id: string): void;
  /** The delivery so many rows further down; undefined: there is none. */
  beside(id: string, by: number): string | undefined;
}

interface Props {
  ref: Ref<TableHandle>;
  rows: Delivery[];
  gone: ReadonlySet<string>;
  selected: ReadonlySet<string>;
  onSelect: (ids: ReadonlySet<string>) => void;
  openId: string | undefined;
  keys: PageKeys;
  /** `error`: they could not be had, and somebody has to ask for them. */
  more: { has: boolean; isBusy: boolean; error: Error | null; get: () => void };
}

/** A real table of which only what is seen is there, so that ten thousand rows scroll as ten do. */
export function DeliveryTable({ ref, rows, gone, selected, onSelect, openId, keys, more }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const items = useMemo(() => fold(rows, opened), [rows, opened]);
  const names = useEndpointNames();
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => keyOf(items[index]!),
    overscan: 12,
  });
  const shown = virtual.getVirtualItems();
  const [first, last] = [shown[0], shown.at(-1)];
  const isNearEnd = (last?.index ?? 0) >= items.length - 15;
  // Folded, thousands of rows are one line: beyond the first few pages, more comes only to who scrolls for it.
  const hasScrolled = useRef(false);
  useEffect(() => {
    if (!isNearEnd || !more.has || more.isBusy || more.error) return;
    if (rows.length >= UNASKED_ROWS && !hasScrolled.current) return;
    hasScrolled.current = false;
    more.get();
  });

  const bring = (index: number) => virtual.scrollToIndex(index, { align: 'auto' });
  const focusAt = (index: number) => {
    const key = keyOf(items[index]!);
    const look = (frames: number) => {
      const row = frame.current?.querySelector<HTMLElement>(`[data-key="${key}"] [data-first]`);
      if (row) return moveFocus(row);
      // Far away, it is there only some frames after the table was scrolled to it, or back by the browser.
      bring(index);
      if (frames > 0) requestAnimationFrame(() => look(frames - 1));
    };
    bring(index);
    requestAnimationFrame(() => look(FRAMES_TO_ROW));
  };
  const openIndex = openId ? items.findIndex((item) => keyOf(item) === openId) : -1;
  const followed = useRef<string>(undefined);
  // Moving on in the drawer, one sees in the list where one is; what is unfolded meanwhile is not taken out of sight.
  useEffect(() => {
    if (openId === followed.current || (openId && openIndex < 0)) return;
    followed.current = openId;
    if (openId) virtual.scrollToIndex(openIndex, { align: 'auto' });
  }, [virtual, openId, openIndex]);
  const toggle = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelect(next);
  };
  useKeys(useRowKeys({ items, openId, focusAt, toggle, ...keys }));
  useImperativeHandle(ref, () => ({
    isAtRest() {
      const element = frame.current;
      if (!element) return true;
      return (
        element.scrollTop < ROW_PX / 2 &&
        !element.contains(document.activeElement) &&
        !element.matches(':hover')
      );
    },
    focus(id) {
      const index = items.findIndex((item) => item.kind === 'row' && item.row.id === id);
      if (index >= 0) focusAt(index);
      else moveFocus(frame.current);
    },
    beside(id, by) {
      const shownRows = items.flatMap((item) => (item.kind === 'row' ? [item.row.id] : []));
      const index = shownRows.indexOf(id);
      return index < 0 ? undefined : shownRows[index + by];
    },
  }));

  const { columns } = words.deliveries;
  return (
    <div
      ref={frame}
      className={styles.scroll}
      role="region"
      tabIndex={0}
      aria-label={words.deliveries.title}
      onScroll={() => (hasScrolled.current = true)}
    >
      <table className={styles.table} aria-rowcount={more.has ? -1 : items.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">
              <span className="sr-only">{columns.select}</span>
            </th>
            <th scope="col">{columns.time}</th>
            <th scope="col">{columns.status}</th>
            <th scope="col">{columns.event}</th>
            <th scope="col">{columns.webhook}</th>
            <th scope="col" className={styles.minor}>
              {columns.attempt}
            </th>
            <th scope="col">{columns.answer}</th>
            <th scope="col" className={styles.minor}>
              {columns.duration}
            </th>
            <th scope="col" className={styles.minor}>
              {columns.next}
            </th>
          </tr>
        </thead>
        <tbody>
          {first && first.start > 0 && <tr aria-hidden style={{ height: first.start }} />}
          {shown.map(({ index, key }) => {
            const item = items[index]!;
            if (item.kind === 'run')
              return (
                <Run
                  key={key}
                  index={index}
                  run={item}
                  name={names.get(item.rows[0]!.endpoint_id)}
                  onToggle={() => setOpened((before) => toggled(before, item.id))}
                />
              );
            const { row } = item;
            return (
              <Row
                key={key}
                index={index}
                row={row}
                name={names.get(row.endpoint_id)}
                isGone={gone.has(row.id)}
                isOpen={row.id === openId}
                hasDrawer={openId !== undefined}
                isSelected={selected.has(row.id)}
                onSelect={() => toggle(row.id)}
              />
            );
          })}
          {last && <tr aria-hidden style={{ height: Math.max(0, virtual.getTotalSize() - last.end) }} />}
        </tbody>
      </table>
      {more.isBusy && <p className={styles.more}>{words.common.loading}</p>}
      {more.has && !more.isBusy && (
        <div className={styles.more}>
          <Button small onClick={more.get}>
            {words.common.more}
          </Button>
        </div>
      )}
    </div>
  );
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}
