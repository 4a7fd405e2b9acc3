/** What addresses say after the "?": plain words, lists as repeated keys. */
import type { DeliveryStatus } from './api/client.ts';

export function parseSearch(search: string): Record<string, string | string[]> {
  const read: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(search)) {
    const known = read[name];
    read[name] = known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value];
  }
  return read;
}

export function stringifySearch(search: Record<string, unknown>): string {
  const written = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== null && one !== '') written.append(name, String(one));
  }
  const shown = written.toString();
  return shown && `?${shown}`;
}

export const text = (value: unknown): string | undefined => {
  const one: unknown = Array.isArray(value) ? value[0] : value;
  return typeof one === 'string' && one !== '' ? one : undefined;
};
const all = (value: unknown): string[] => [value].flat().filter((one) => typeof one === 'string');
const oneOf = <T extends string>(value: unknown, values: readonly T[]): T | undefined =>
  values.find((known) => known === text(value));
const someOf = <T extends string>(value: unknown, values: readonly T[]): T[] | undefined => {
  const found = values.filter((known) => all(value).includes(known));
  return found.length > 0 ? found : undefined;
};

type Search = Record<string, unknown>;

export const SHOWN = ['enabled', 'disabled', 'failing'] as const;
export const readListSearch = (search: Search): { q?: string; show?: (typeof SHOWN)[number] } => ({
  q: text(search.q),
  show: oneOf(search.show, SHOWN),
});

export const STATUSES = [
  'pending',
  'retrying',
  'succeeded',
  'failed',
  'held',
  'cancelled',
] as const satisfies DeliveryStatus[];
export const ENVIRONMENTS = ['production', 'staging', 'development'] as const;
export const SPANS = ['1h', '24h', '7d', '30d'] as const;
export type Span = (typeof SPANS)[number];

export interface DeliverySearch {
  status?: DeliveryStatus[];
  endpoint?: string;
  event?: string;
  replay?: string;
  type?: string;
  environment?: (typeof ENVIRONMENTS)[number];
  /** Until now; or from `since` to `until`. */
  last?: Span;
  since?: string;
  until?: string;
  /** The delivery in the drawer, and its attempt. */
  open?: string;
  n?: string;
}
export const readDeliverySearch = (search: Search): DeliverySearch => ({
  status: someOf(search.status, STATUSES),
  endpoint: text(search.endpoint),
  event: text(search.event),
  replay: text(search.replay),
  type: text(search.type),
  environment: oneOf(search.environment, ENVIRONMENTS),
  last: oneOf(search.last, SPANS),
  since: text(search.since),
  until: text(search.until),
  open: text(search.open),
  n: text(search.n),
});

export interface EventSearch {
  type?: string;
  environment?: (typeof ENVIRONMENTS)[number];
  last?: Span;
}
export const readEventSearch = (search: Search): EventSearch => ({
  type: text(search.type),
  environment: oneOf(search.environment, ENVIRONMENTS),
  last: oneOf(search.last, SPANS),
});
