/** What operators are told of what waits, keys that are pressed, requests in turn, and event types as they are typed. */
import { setImmediate as tick } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { parseExactObject } from '../../src/exact-json.ts';
import { draftOf, EMPTY, inputOf, objectOf, unfitIn } from '../../web/pages/event-types/draft.ts';
import { outlookOf, remember, type Sample } from '../../web/pages/operations/outlook.ts';
import { createTurns } from '../../web/turns.ts';

const LIMIT = 20_000;
const samplesOf = (...waiting: number[]): Sample[] =>
  waiting.map((count, index) => ({ atMs: index * 5_000, waiting: count }));

describe('what waits', () => {
  it.each<[string, number[], object]>([
    ['is unknown at first', [100], { kind: 'unknown' }],
    ['is unknown over too short a time', [100, 50], { kind: 'unknown' }],
    ['is nothing', [100, 50, 0], { kind: 'empty' }],
    ['comes and goes', [100, 120, 90, 95], { kind: 'steady' }],
    ['grows', [100, 200, 300, 400], { kind: 'growing', perSecond: 20 }],
    ['will be gone', [400, 300, 200, 100], { kind: 'draining', perSecond: 20, doneAtMs: 15_000 + 5_000 }],
    [
      'goes down after it came',
      [0, 800, 700, 600, 500],
      { kind: 'draining', perSecond: 20, doneAtMs: 45_000 },
    ],
    ['comes after it was gone', [800, 0, 100, 200, 300], { kind: 'growing', perSecond: 20 }],
    ['is more than is counted', [100, 200, 300, LIMIT], { kind: 'unknown' }],
    ['goes so slowly that nobody can say when', [20_000 - 1, 19_999, 19_999, 19_990], { kind: 'steady' }],
  ])('%s', (_, waiting, expected) => expect(outlookOf(samplesOf(...waiting), LIMIT)).toEqual(expected));

  it('is remembered for two minutes, and anew after what could not be counted', () => {
    let samples: Sample[] = [];
    for (let n = 0; n < 60; n += 1) samples = remember(samples, { atMs: n * 5_000, waiting: n }, LIMIT);
    expect(samples.length).toBe(25);
    samples = remember(samples, { atMs: 300_000, waiting: LIMIT }, LIMIT);
    expect(samples).toEqual([{ atMs: 300_000, waiting: LIMIT }]);
    samples = remember(samples, { atMs: 305_000, waiting: 19_000 }, LIMIT);
    expect(samples).toEqual([{ atMs: 305_000, waiting: 19_000 }]);
  });
});

describe('requests in turn', () => {
  it('are so many at a time, all of them come, and a failure takes no place away', async () => {
    const inTurn = createTurns(2);
    let running = 0;
    let most = 0;
    const work = async (n: number) => {
      running += 1;
      most = Math.max(most, running);
      await tick();
      running -= 1;
      if (n % 3 === 0) throw new Error('no');
      return n;
    };
    const all = await Promise.allSettled(Array.from({ length: 10 }, (_, n) => inTurn(() => work(n))));
    expect(most).toBe(2);
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
    expect(await inTurn(() => work(1))).toBe(1);
  });

  it('are not made when nobody wants them any more', async () => {
    const inTurn = createTurns(1);
    const gone = new AbortController();
    let made = 0;
    const first = inTurn(() => tick());
    const second = inTurn(async () => (made += 1), gone.signal);
    gone.abort();
    await expect(second).rejects.toThrow();
    await first;
    expect(made).toBe(0);
    expect(await inTurn(async () => 'next')).toBe('next');
  });
});

describe('an event type as it is typed', () => {
  const type = {
    ...{ name: 'order.paid', profile: null, profiles: [], description: null, group: 'orders' },
    ...{ schema: { type: 'object' }, example: { n: 1 }, example_is_generated: false },
    ...{ validate: true, archived: false, deprecated: true, created_at: null, updated_at: null },
  };

  it('comes back as it was', () => {
    const { description, group, schema, example, validate, archived, deprecated } = type;
    expect(inputOf(draftOf(type))).toEqual({
      ...{ description, group, schema, example, validate, archived, deprecated },
    });
  });

  it('leaves an example that was made from the schema to be made again', () => {
    expect(inputOf(draftOf({ ...type, example_is_generated: true })).example).toBeNull();
  });

  it('is checked only where there is a schema', () => {
    expect(inputOf({ ...EMPTY, name: 'a.b', validate: true }).validate).toBe(false);
  });

  it('keeps every digit of its numbers, from the answer to the request', () => {
    const digits = '{"const":9007199254740993123,"multipleOf":0.10000000000000000001}';
    const answered = parseExactObject(`{"schema":${digits},"example":{"n":12345678901234567890}}`);
    const sent = inputOf(draftOf({ ...type, ...answered }));
    expect(JSON.stringify(sent.schema)).toBe(digits);
    expect(JSON.stringify(sent.example)).toBe('{"n":12345678901234567890}');
    expect(objectOf('12345678901234567890')).toBeUndefined();
  });

  it('says which part is no JSON object', () => {
    expect(unfitIn({ ...EMPTY, schema: '{"a":', example: '[]' })).toEqual({ schema: true, example: true });
    expect(unfitIn({ ...EMPTY, schema: ' ', example: '{}' })).toEqual({});
    expect(objectOf('null')).toBeUndefined();
  });
});
