/** More is published than Postgres takes. */
import { expect, it } from 'vitest';
import type { Answer } from '../support/posthorn.ts';
import { numbers, setStage } from '../support/stage.ts';
import { until } from '../support/until.ts';

const PADDING = 'x'.repeat(200_000);
/** 120 MB at once, of which 64 MiB may wait beside the 16 that are being written; then 200 MB more, a quarter at a time. */
const FIRST = 600;
const MORE = Array<number>(4).fill(250);
/**
 * Enough for what may wait, two or three times over, and too little for all of it. A process that needs more than that
 * dies; what it takes while there is plenty only shows when it last tidied up.
 */
const HEAP_MIB = 384;

it('publishes wait, beyond the bound they are refused, and what is refused leaves nothing in memory', async ({
  onTestFinished,
}) => {
  const env = { NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` };
  const stage = await setStage(onTestFinished, { env });
  await stage.endpoint('/a');
  await stage.publish(0);
  const lock = 'LOCK TABLE events IN SHARE MODE';
  const release = await stage.hold(lock);
  const answers = new Map<number, Answer>();
  const publishing = numbers(1, FIRST).map(async (n) =>
    answers.set(n, await stage.publish(n, { padding: PADDING })),
  );
  const all = Promise.all(publishing);
  const statuses = () => [...answers.values()].map(({ status }) => status);
  const refused = until(statuses, ({ length }) => length >= 100);
  await Promise.race([refused, all]);
  expect(new Set(statuses())).toEqual(new Set([503]));
  await release();
  await all;
  expect(new Set(statuses())).toEqual(new Set([202, 503]));
  const taken = [...answers].filter(([, { status }]) => status === 202).map(([n]) => n);
  // What had waited was not refused after all: 64 MiB of it.
  expect(taken.length).toBeGreaterThan(300);

  // For longer than a publish may wait, too.
  const releaseAgain = await stage.hold(lock);
  let n = FIRST + 1;
  for (const count of MORE) {
    const more = numbers(1, count).map(() => stage.publish((n += 1), { padding: PADDING }));
    for (const { status, headers } of await Promise.all(more)) {
      expect(status).toBe(503);
      expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
  }
  await releaseAgain();
  await until(
    () => stage.publish(FIRST + 1),
    ({ status }) => status === 202,
  );
  taken.push(FIRST + 1);
  const open = () => stage.sql(`SELECT FROM deliveries WHERE status <> 'succeeded'`);
  await until(open, ({ length }) => length === 0);
  const counts = stage.counts('/a');
  for (const one of [0, ...taken]) expect(counts.get(one), `event ${one}`).toBe(1);
  // What was being written when its publish was given up may have been accepted, or not.
  expect(Math.max(...counts.values())).toBe(1);
  expect(stage.child.endedAs()).toBeNull();
});
