/** Looking for what may be sent in a lane with very many keys: page by page, and not at the cost of what is ready meanwhile. */
import { expect, it } from 'vitest';
import { createLook } from '../../src/dispatch/lanes/look.ts';
import { createSignal } from '../../src/dispatch/lanes/signal.ts';
import type { LaneWork } from '../../src/dispatch/lanes/work.ts';
import type { HeadRow } from '../../src/store/lane-heads.ts';
import { NO_TALLY } from '../../src/lane-run.ts';

const PAGE = 200;
const key = (n: number) => `key-${`${n}`.padStart(6, '0')}`;
const headRow = (n: number, dueInMs: number | null): HeadRow => ({
  ...{
    lane_key: key(n),
    id: `dlv_${n}`,
    status: dueInMs === null ? 'pending' : 'retrying',
    attempt_count: 1,
  },
  next_attempt_at: dueInMs === null ? null : new Date(Date.now() + dueInMs),
});

/** A lane whose heads all wait, but for `news`, which comes in while they are looked at. */
function lane(heads: HeadRow[], news: HeadRow[]) {
  const asked: string[] = [];
  const begun: string[] = [];
  const db = {
    async query({ name, values }: { name: string; values: unknown[] }) {
      asked.push(name);
      await Promise.resolve();
      if (name === 'lane-heads') {
        const after = values[1] as string;
        return { rows: heads.filter((head) => head.lane_key > after).slice(0, PAGE) };
      }
      if (name === 'lane-news') return { rows: news.splice(0).map((row) => ({ ...row, place: 7 })) };
      begun.push(values[1] as string);
      return { rows: [] };
    },
  };
  const state = {
    ...{ order: { tenantId: 't', endpointId: 'ep', manual: [], cancelled: [] }, tally: { ...NO_TALLY } },
    ...{ manual: new Set(), deferred: new Map(), ending: () => false, stop() {} },
  };
  const work = { deps: { db, shareOf: () => 4 }, state, signal: createSignal() } as unknown as LaneWork;
  return { look: createLook(work), asked, begun };
}

it('what comes in is begun after a page, however many wait; and all that wait are counted', async () => {
  const heads = Array.from({ length: 2_500 }, (_, n) => headRow(n, 60_000 + n));
  const { look, asked, begun } = lane(heads, [headRow(3, null), headRow(4, 5_000)]);
  const found = await look.atAll(1);
  expect(begun).toEqual([key(3)]);
  // After the first page of thirteen.
  expect(asked.indexOf('load-lane-run')).toBe(2);
  expect(asked.filter((name) => name === 'lane-heads')).toHaveLength(13);
  expect(found).toMatchObject({ waiting: 2_500 });
  expect(found!.nextDueAtMs).toBe(heads[0]!.next_attempt_at!.getTime());
  await look.idle();
});

it('a lane that is seen at a glance is asked for nothing else', async () => {
  const { look, asked } = lane([headRow(1, 60_000), headRow(2, null)], []);
  await look.atAll(1);
  expect(asked).toEqual(['lane-heads', 'load-lane-run']);
  await look.idle();
});
