/** The catalogue as it is listed. Pure. */
import type { Schemas } from '../../api/types.ts';
import { groupOf } from '../edit/events-choice.ts';

type EventType = Schemas['EventType'];

export interface Entry {
  type: EventType;
  group: string;
  /** What is searched. */
  text: string;
}

export const entriesOf = (types: readonly EventType[]): Entry[] =>
  types.map((type) => ({
    type,
    group: type.group ?? groupOf(type.name),
    text: `${type.name} ${type.description ?? ''}`.toLowerCase(),
  }));

export function search(entries: readonly Entry[], wanted: string): readonly Entry[] {
  const text = wanted.trim().toLowerCase();
  return text === '' ? entries : entries.filter((entry) => entry.text.includes(text));
}

/** Event type → how many there were, in all environments. */
export function countsOf(rows: readonly { type: string; events: number }[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { type, events } of rows) counts.set(type, (counts.get(type) ?? 0) + events);
  return counts;
}
