import { useQueryClient } from '@tanstack/react-query';
import type { KeyboardEvent } from 'react';
import { deliveryQuery } from '../../api/queries.ts';
import { useMayChange, useTenant } from '../../shell/signed-in.tsx';
import { copyText } from '../../ui/copy.tsx';
import { curlOf } from './curl.ts';
import type { Item } from './fold.ts';
import { useRetry } from './retry.ts';

interface Options {
  items: Item[];
  openId: string | undefined;
  focusAt: (index: number) => void;
  toggle: (id: string) => void;
  onOpen: (id: string | undefined) => void;
  onLive: () => void;
}

/** j k x r c l and Escape, while the focus is in the table and in no field. Enter is the link's own. */
export function useRowKeys({ items, openId, focusAt, toggle, onOpen, onLive }: Options) {
  const tenant = useTenant();
  const mayChange = useMayChange();
  const queries = useQueryClient();
  const retry = useRetry();

  return (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (target.matches('input:not([type=checkbox]), textarea, select')) return;
    const key = target.closest<HTMLElement>('[data-key]')?.dataset.key;
    const index = items.findIndex((item) => (item.kind === 'run' ? `run ${item.id}` : item.row.id) === key);
    const item = items[index];
    const row = item?.kind === 'row' ? item.row : null;
    const move = (to: number) => {
      const next = items[to];
      if (!next) return;
      focusAt(to);
      if (openId && next.kind === 'row') onOpen(next.row.id);
    };
    const actions: Record<string, () => void> = {
      j: () => move(index + 1),
      k: () => move(index < 0 ? 0 : index - 1),
      Escape: () => onOpen(undefined),
      l: onLive,
      x: () => row && toggle(row.id),
      r: () => row && mayChange && retry.mutate(row.id),
      c: () => {
        if (row)
          void queries
            .fetchQuery(deliveryQuery(tenant, row.id))
            .then((delivery) => copyText(curlOf(delivery)));
      },
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };
}
