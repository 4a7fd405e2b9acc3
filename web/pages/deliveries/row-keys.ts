import { useQueryClient } from '@tanstack/react-query';
import { deliveryQuery } from '../../api/queries.ts';
import { runKey } from '../../keys.ts';
import { useMayChange, useTenant } from '../../shell/signed-in.tsx';
import { copyText } from '../../ui/copy.tsx';
import { curlOf } from './curl.ts';
import { keyOf, type Item } from './fold.ts';
import { useRetry } from './retry.ts';

/** What keys do to the page, wherever on it they are pressed. */
export interface PageKeys {
  onOpen: (id: string | undefined) => void;
  onLive: () => void;
  onNewer: () => void;
  onSearch: () => void;
}

/** What keys do with one delivery, in its row or in its drawer. */
export function useDeliveryKeys() {
  const tenant = useTenant();
  const mayChange = useMayChange();
  const queries = useQueryClient();
  const retry = useRetry();
  return (id: string, attempt?: number) => ({
    r: mayChange ? () => retry.mutate(id) : undefined,
    y: () => void copyText(id),
    c: () =>
      void queries
        .fetchQuery(deliveryQuery(tenant, id))
        .then((delivery) => copyText(curlOf(delivery, attempt))),
  });
}

export const pageKeys = ({ onLive, onNewer, onSearch }: PageKeys) => ({
  l: onLive,
  '.': onNewer,
  '/': onSearch,
});

interface Options extends PageKeys {
  items: Item[];
  openId: string | undefined;
  focusAt: (index: number) => void;
  toggle: (id: string) => void;
}

/** Wherever the focus is, but in a field: from outside the table, j goes to its first row, or on from the open one. Enter is the link's own. */
export function useRowKeys({ items, openId, focusAt, toggle, ...page }: Options) {
  const ofDelivery = useDeliveryKeys();
  return (event: KeyboardEvent): void => {
    const key = (event.target as Element).closest<HTMLElement>('[data-key]')?.dataset.key ?? openId;
    const index = items.findIndex((item) => keyOf(item) === key);
    const item = items[index];
    const row = item?.kind === 'row' ? item.row : null;
    const move = (to: number) => {
      const next = items[to];
      if (!next) return;
      focusAt(to);
      if (openId && next.kind === 'row') page.onOpen(next.row.id);
    };
    runKey(event, {
      ...pageKeys(page),
      j: () => move(index + 1),
      k: () => move(index < 0 ? 0 : index - 1),
      ...(row && { ...ofDelivery(row.id), x: () => toggle(row.id) }),
    });
  };
}
