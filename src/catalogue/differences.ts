import type { EventType, EventTypeSettings } from '../store/event-types.ts';

export interface Difference {
  change: 'created' | 'updated' | 'unchanged';
  /** Of an updated one: what differs, by the names of the API. */
  fields: string[];
}

const FIELDS: [keyof EventTypeSettings, string][] = [
  ['description', 'description'],
  ['group', 'group'],
  ['schema', 'schema'],
  ['example', 'example'],
  ['validate', 'validate'],
  ['archived', 'archived'],
  ['deprecated', 'deprecated'],
];

export function differences(present: EventType | undefined, next: EventTypeSettings): Difference {
  if (!present) return { change: 'created', fields: [] };
  const fields = FIELDS.filter(([field]) => present[field] !== next[field]).map(([, name]) => name);
  return { change: fields.length === 0 ? 'unchanged' : 'updated', fields };
}
