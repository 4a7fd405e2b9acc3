import { expect, it } from 'vitest';
import type { Schemas } from '../../web/api/types.ts';
import { countsOf, entriesOf, search } from '../../web/pages/event-types/catalogue.ts';

const type = (name: string, rest: Partial<Schemas['EventType']> = {}) =>
  ({ name, description: null, group: null, ...rest }) as Schemas['EventType'];
const entries = entriesOf([
  type('order.paid', { description: 'Somebody has Paid.' }),
  type('order.shipped', { group: 'Logistics' }),
  type('ping'),
]);

it('a type is in its own group, or in that of its first word', () => {
  expect(entries.map(({ group }) => group)).toEqual(['order', 'Logistics', 'ping']);
});

it('names and descriptions are searched, in capitals or not', () => {
  const namesOf = (wanted: string) => search(entries, wanted).map((entry) => entry.type.name);
  expect(namesOf(' HAS paid')).toEqual(['order.paid']);
  expect(namesOf('order')).toEqual(['order.paid', 'order.shipped']);
  expect(namesOf('null')).toEqual([]);
  expect(namesOf('  ')).toHaveLength(3);
});

it('events of all environments count together', () => {
  const rows = [
    { type: 'order.paid', events: 3 },
    { type: 'ping', events: 1 },
    { type: 'order.paid', events: 4 },
  ];
  expect([...countsOf(rows)]).toEqual([
    ['order.paid', 7],
    ['ping', 1],
  ]);
});
