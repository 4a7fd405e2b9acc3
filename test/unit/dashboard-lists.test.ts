/** How the dashboard shows lists: runs of equal failures, what changes in them, and which event types are chosen. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../web/api/types.ts';
import { fold, keyOf, type Item } from '../../web/pages/deliveries/fold.ts';
import { changeOf, nextPauseMs } from '../../web/pages/deliveries/poll.ts';
import {
  besideTree,
  groupsOf,
  stateOf,
  toggleGroup,
  toggleType,
} from '../../web/pages/edit/events-choice.ts';
import { matchesAny } from '../../src/events/pattern.ts';

const row = (id: string, more: Partial<Delivery> = {}): Delivery =>
  ({
    ...{ id, status: 'failed', endpoint_id: 'ep_1', last_status_code: 503, last_error_class: 'http' },
    ...more,
  }) as Delivery;
const rowsOf = (items: Item[]) => items.flatMap((item) => (item.kind === 'row' ? [item.row.id] : []));

describe('equal failures in a row', () => {
  const four = ['d', 'c', 'b', 'a'].map((id) => row(id));

  it('are one line from four on, which opens', () => {
    expect(fold(four.slice(1), new Set()).map(({ kind }) => kind)).toEqual(['row', 'row', 'row']);
    expect(fold(four, new Set())).toEqual([{ kind: 'run', id: 'a', rows: four, isOpen: false }]);
    expect(rowsOf(fold(four, new Set(['a'])))).toEqual(['d', 'c', 'b', 'a']);
  });

  it('stay the same line when more comes on top', () => {
    const [run] = fold([row('e'), ...four], new Set());
    expect(keyOf(run!)).toBe('run a');
  });

  it.each<[string, Partial<Delivery>]>([
    ['another code', { last_status_code: 500 }],
    ['another webhook', { endpoint_id: 'ep_2' }],
    ['another status', { status: 'retrying' }],
    ['a success', { status: 'succeeded', last_status_code: 200, last_error_class: null }],
  ])('end at %s', (_, other) => {
    const items = fold([...four, row('0', other)], new Set());
    expect(items.map(({ kind }) => kind)).toEqual(['run', 'row']);
  });

  it('lose no row and change no order, whatever is opened', () => {
    const status = fc.constantFrom<Delivery['status']>('failed', 'retrying', 'succeeded');
    fc.assert(
      fc.property(fc.array(fc.tuple(status, fc.constantFrom(500, 503)), { maxLength: 40 }), (given) => {
        const rows = given.map(([one, code], index) =>
          row(String(100 - index), { status: one, last_status_code: code }),
        );
        const closed = fold(rows, new Set());
        const all = closed.flatMap((item) => (item.kind === 'row' ? [item.row] : item.rows));
        expect(all).toEqual(rows);
        const opened = fold(rows, new Set(rows.map(({ id }) => id)));
        expect(rowsOf(opened)).toEqual(rows.map(({ id }) => id));
      }),
    );
  });
});

describe('a list that is read now and then', () => {
  const [b, a] = [row('b'), row('a')];

  it('says of the first page that all of it is there', () => {
    expect(changeOf(null, [b, a]).change).toEqual({ data: [b, a], gone: [] });
  });

  it('says what is new or different, and what fits no more', () => {
    const { seen } = changeOf(null, [row('c'), b, a]);
    const changed = row('b', { status: 'succeeded' });
    const { change } = changeOf(seen, [row('d'), changed, a]);
    expect(change).toEqual({ data: [row('d'), changed], gone: ['c'] });
  });

  it('takes what was pushed off the page for still there', () => {
    const { seen } = changeOf(null, [b, a]);
    expect(changeOf(seen, [row('c'), b]).change.gone).toEqual([]);
  });

  it('is asked more and more seldom where nothing happens, down to twice a minute', () => {
    const quiet = { data: [], gone: [] };
    const pauses = [nextPauseMs(null, { data: [a], gone: [] })];
    for (let n = 0; n < 8; n += 1) pauses.push(nextPauseMs(pauses.at(-1)!, quiet));
    expect(pauses[0]).toBe(5_000);
    expect(pauses.at(-1)).toBe(30_000);
    expect(nextPauseMs(30_000, { data: [a], gone: [] })).toBe(5_000);
  });
});

describe('choosing event types', () => {
  const groups = groupsOf(['order.paid', 'order.sent', 'user.made', 'ping']);
  const [orders, users, ping] = groups;

  it('goes by groups, a type of one word being one', () => {
    expect(groups.map(({ name }) => name)).toEqual(['order', 'user', 'ping']);
    expect(toggleGroup([], groups, orders!, true)).toEqual(['order.*']);
    expect(toggleGroup([], groups, ping!, true)).toEqual(['ping']);
    expect(stateOf(['order.*'], orders!)).toBe('all');
    expect(stateOf(['order.paid'], orders!)).toBe('some');
    expect(stateOf(['order.paid'], users!)).toBe('none');
  });

  it('takes "all events" apart when something is left out of it', () => {
    expect(toggleGroup(['*'], groups, orders!, false)).toEqual(['user.*', 'ping']);
    expect(toggleType(['*'], groups, orders!, 'order.paid', false)).toEqual(['user.*', 'ping', 'order.sent']);
  });

  it('keeps what was written by hand and is in no catalogue', () => {
    const patterns = ['order.refunded', 'custom.thing', '*.made'];
    expect(toggleType(patterns, groups, orders!, 'order.paid', true)).toEqual(
      expect.arrayContaining(['order.refunded', 'custom.thing', 'order.paid']),
    );
    expect(besideTree(patterns, groups)).toEqual(expect.arrayContaining(['order.refunded', 'custom.thing']));
    expect(besideTree(['*', 'order.*', 'order.paid'], groups)).toEqual([]);
  });

  it('changes the one type that was ticked, and no other', () => {
    const types = groups.flatMap((group) => group.types);
    const pattern = fc.constantFrom('*', 'order.*', 'user.*', ...types);
    fc.assert(
      fc.property(
        fc.uniqueArray(pattern, { maxLength: 4 }),
        fc.constantFrom(...types),
        fc.boolean(),
        (patterns, type, on) => {
          const group = groups.find((one) => one.types.includes(type))!;
          const after = toggleType(patterns, groups, group, type, on);
          for (const one of types)
            expect(matchesAny(after, one)).toBe(one === type ? on : matchesAny(patterns, one));
        },
      ),
    );
  });
});
