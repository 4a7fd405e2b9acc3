import { useSearch } from '@tanstack/react-router';
import { ArrowUp, RotateCcw, SearchX } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useMayChange } from '../../shell/signed-in.tsx';
import { Button } from '../../ui/button.tsx';
import { moveFocus } from '../../ui/focus.ts';
import { Card, PageHead } from '../../ui/layout.tsx';
import { Empty, Failed, Loading, Stale } from '../../ui/states.tsx';
import { number } from '../../format.ts';
import { words } from '../../words/index.ts';
import { ReplayDialog } from '../replays/dialog.tsx';
import { Drawer } from './drawer.tsx';
import { Filters, isFiltered } from './filters.tsx';
import { LiveSwitch } from './live-switch.tsx';
import { NoMatch } from './no-match.tsx';
import { Selection } from './selection.tsx';
import { DeliveryTable, type TableHandle } from './table.tsx';
import { useDeliveryList } from './use-list.ts';
import { useOpen } from './use-open.ts';
import styles from './deliveries.module.css';

export function DeliveryList() {
  const search = useSearch({ from: '/deliveries' });
  const mayChange = useMayChange();
  const table = useRef<TableHandle>(null);
  const filters = useRef<HTMLDivElement>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [isLive, setIsLive] = useState(true);
  const [isReplaying, setIsReplaying] = useState(false);
  // New rows come in only where they move nothing that somebody reads.
  const mayInsert = () => !search.open && selected.size === 0 && (table.current?.isAtRest() ?? true);
  const list = useDeliveryList(search, isLive, mayInsert);
  // What is ticked and not in the list any more would be sent again unseen.
  useEffect(() => setSelected(new Set()), [list.tenant, list.filter]);
  const { query, rows } = list;
  const open = useOpen();
  const { deliveries } = words;
  const keys = {
    onOpen: open,
    onLive: () => setIsLive((on) => !on),
    onNewer: list.showWaiting,
    onSearch: () => filters.current?.querySelector<HTMLElement>('input, select')?.focus(),
  };

  return (
    <>
      <PageHead title={deliveries.title} text={deliveries.text}>
        <LiveSwitch state={list.live} isOn={isLive} onChange={setIsLive} />
        {mayChange && (
          <Button onClick={() => setIsReplaying(true)}>
            <RotateCcw size={15} aria-hidden />
            {deliveries.replay}
          </Button>
        )}
      </PageHead>
      <div ref={filters}>
        <Filters />
      </div>
      {query.isError && query.data && <Stale error={query.error} onRetry={() => void query.refetch()} />}
      {list.more.error && <Stale error={list.more.error} onRetry={list.more.get} />}
      {selected.size > 0 && <Selection ids={[...selected]} onDone={() => setSelected(new Set())} />}
      <Card flush>
        {query.isPending && <Loading rows={8} />}
        {query.isError && !query.data && <Failed error={query.error} onRetry={() => void query.refetch()} />}
        {query.isSuccess && rows.length === 0 && !query.hasNextPage && (
          <div>
            {isFiltered(search) ? (
              <NoMatch filter={list.filter} />
            ) : (
              <Empty title={deliveries.none}>{deliveries.noneText}</Empty>
            )}
          </div>
        )}
        {query.isSuccess && (rows.length > 0 || query.hasNextPage) && (
          <div className={styles.frame}>
            {list.waiting.rows.length > 0 && (
              <div className={styles.newer}>
                <Button small look="primary" onClick={list.showWaiting}>
                  <ArrowUp size={14} aria-hidden />
                  {deliveries.newer(`${number(list.waiting.rows.length)}${list.waiting.hasGap ? '+' : ''}`)}
                </Button>
              </div>
            )}
            <DeliveryTable
              ref={table}
              rows={rows}
              gone={list.gone}
              selected={selected}
              onSelect={setSelected}
              openId={search.open}
              keys={keys}
              more={{ has: query.hasNextPage, ...list.more }}
            />
            {rows.length === 0 && <Empty icon={SearchX} title={deliveries.looking} />}
          </div>
        )}
      </Card>
      {search.open && (
        <Drawer
          id={search.open}
          keys={keys}
          beside={(by) => table.current?.beside(search.open!, by)}
          onRead={list.update}
          onReturn={() =>
            table.current ? table.current.focus(search.open!) : moveFocus(document.getElementById('content'))
          }
        />
      )}
      {isReplaying && (
        <ReplayDialog search={search} filter={list.filter} onClose={() => setIsReplaying(false)} />
      )}
    </>
  );
}
