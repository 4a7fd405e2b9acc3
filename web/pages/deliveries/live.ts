/** Follows the first page of a list: one stream a tab, closed while nobody sees it; read now and then where there is none. */
import { useEffect, useRef, useState } from 'react';
import { follow } from './follow.ts';
import { changeOf, nextPauseMs, type Change, type Seen } from './poll.ts';
import { readPage, type DeliveryFilter } from './query.ts';
import { PAGE_ROWS } from './rows.ts';

/** `off`: switched off · `on`: it flows · `polling`: it is read now and then · `lost`: it will be tried again. */
export type LiveState = 'off' | 'on' | 'polling' | 'lost';

const PAUSE_MS = 1_000;
/** A stream that breaks is opened again; where it fails at once, there is none to be had for now. */
const FAILURES_UNTIL_POLLING = 2;
const POLLED_MS = 60_000;

function streamUrl(tenant: string, filter: DeliveryFilter): string {
  const query = new URLSearchParams({ include: 'last_attempt', limit: String(PAGE_ROWS) });
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, String(value));
  return `${location.origin}/v1/tenants/${encodeURIComponent(tenant)}/deliveries/stream?${query}`;
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });

interface Watch {
  tenant: string;
  filter: DeliveryFilter;
  signal: AbortSignal;
  onChange: (change: Change) => void;
  onState: (state: LiveState) => void;
}

async function watch({ tenant, filter, signal, onChange, onState }: Watch): Promise<void> {
  for (let failures = 0; !signal.aborted; failures += 1) {
    await follow(streamUrl(tenant, filter), signal, (change) => {
      failures = 0;
      onState('on');
      onChange(change);
    }).catch(() => undefined);
    if (signal.aborted) return;
    if (failures + 1 >= FAILURES_UNTIL_POLLING) await poll({ tenant, filter, signal, onChange, onState });
    else {
      onState('lost');
      await pause(PAUSE_MS, signal);
    }
  }
}

/** For a minute: then the stream is tried once more. */
async function poll({ tenant, filter, signal, onChange, onState }: Watch): Promise<void> {
  let seen: Seen | null = null;
  let pauseMs: number | null = null;
  for (const untilMs = Date.now() + POLLED_MS; !signal.aborted && Date.now() < untilMs;) {
    const page = await readPage(tenant, filter, '', signal).catch(() => null);
    if (signal.aborted) return;
    onState(page ? 'polling' : 'lost');
    if (page) {
      const { change, seen: now } = changeOf(seen, page.data);
      pauseMs = nextPauseMs(pauseMs, change);
      seen = now;
      onChange(change);
    }
    await pause(pauseMs ?? PAUSE_MS, signal);
  }
}

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
  const about = JSON.stringify(filter);
  useEffect(() => {
    if (!isOn) return setState('off');
    let current: AbortController | null = null;
    const open = () => {
      if (document.hidden || current) return;
      current = new AbortController();
      void watch({
        ...{ tenant, filter: JSON.parse(about) as DeliveryFilter, signal: current.signal, onState: setState },
        onChange: (change) => handler.current(change),
      });
    };
    const close = () => {
      current?.abort();
      current = null;
    };
    const onVisibility = () => (document.hidden ? close() : open());
    document.addEventListener('visibilitychange', onVisibility);
    open();
    return () => {
      close();
      document.removeEventListener('visibilitychange', onVisibility);
    };
  }, [tenant, about, isOn]);
  return state;
}
