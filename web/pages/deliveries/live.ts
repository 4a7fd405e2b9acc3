/** Follows the first page of a list: one stream a tab, closed while nobody sees it, opened again when it breaks. */
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { useEffect, useRef, useState } from 'react';
import { fetchSignedIn, type Delivery } from '../../api/client.ts';
import { PAGE_ROWS, type DeliveryFilter } from './query.ts';

export interface Change {
  data: Delivery[];
  /** Of those that do not fit the filter any more. */
  gone: string[];
}
const FIRST_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 30_000;

function streamUrl(tenant: string, filter: DeliveryFilter): string {
  const query = new URLSearchParams({ include: 'last_attempt', limit: String(PAGE_ROWS) });
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, String(value));
  return `${location.origin}/v1/tenants/${encodeURIComponent(tenant)}/deliveries/stream?${query}`;
}

async function follow(url: string, signal: AbortSignal, onChange: (change: Change) => void): Promise<void> {
  const response = await fetchSignedIn(new Request(url, { signal }));
  if (!response.ok || !response.body) throw new Error(`answered ${response.status}`);
  const events = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  const reader = events.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    if (value.event === 'deliveries') onChange(JSON.parse(value.data) as Change);
  }
}

/** `off`: switched off · `on`: it flows · `lost`: it will be tried again. */
export type LiveState = 'off' | 'on' | 'lost';

export function useLive(
  tenant: string,
  filter: DeliveryFilter,
  isOn: boolean,
  onChange: (change: Change) => void,
): LiveState {
  const [state, setState] = useState<LiveState>('off');
  const handler = useRef(onChange);
  useEffect(() => {
    handler.current = onChange;
  });
  const url = streamUrl(tenant, filter);
  useEffect(() => {
    if (!isOn) return setState('off');
    let stopped = false;
    let current: AbortController | null = null;
    let pauseMs = FIRST_PAUSE_MS;
    let timer: ReturnType<typeof setTimeout> | undefined;

    const open = () => {
      clearTimeout(timer);
      if (stopped || document.hidden || current) return;
      const mine = new AbortController();
      current = mine;
      follow(url, mine.signal, (change) => {
        pauseMs = FIRST_PAUSE_MS;
        setState('on');
        handler.current(change);
      })
        .catch(() => undefined)
        .finally(() => {
          if (current === mine) current = null;
          if (stopped || mine.signal.aborted) return;
          setState('lost');
          timer = setTimeout(open, pauseMs);
          pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS);
        });
    };
    const onVisibility = () => {
      if (!document.hidden) return open();
      current?.abort();
      current = null;
    };
    document.addEventListener('visibilitychange', onVisibility);
    open();
    return () => {
      stopped = true;
      clearTimeout(timer);
      current?.abort();
      document.removeEventListener('visibilitychange', onVisibility);
    };
  }, [url, isOn]);
  return state;
}
