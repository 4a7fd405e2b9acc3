/** Many failures at once are as cheap as they were the first time. */
import { expect, it } from 'vitest';
import { expectCounts, numbers, setStage, TENANT } from '../support/stage.ts';
import { until } from '../support/until.ts';

const EVENTS = 2_000;
const DELAY_SECONDS = 4;

it('retries a burst of 2,000 failed deliveries in sets, on time, with a complete log', async ({
  onTestFinished,
}) => {
  const stage = await setStage(onTestFinished, { env: { DISPATCH: 'fast' } });
  await stage.endpoint('/a', { retry_schedule_seconds: [DELAY_SECONDS, DELAY_SECONDS] });
  stage.receiver.answer(500);
  await Promise.all([stage.publishMany(1, 1_000), stage.publishMany(1_001, EVENTS)]);
  await stage.deliveries('failed', EVENTS);
  expectCounts(stage.counts('/a'), numbers(1, EVENTS), 3);

  const log = await stage.sql<Record<'number' | 'count' | 'late' | 'early' | 'seconds', number>>(
    `SELECT a.number, count(*)::int AS count,
            max(extract(epoch FROM a.started_at - b.started_at) - b.duration_ms / 1000)::float8 AS late,
            min(extract(epoch FROM a.started_at - b.started_at) - b.duration_ms / 1000)::float8 AS early,
            extract(epoch FROM max(a.started_at) - min(a.started_at))::float8 AS seconds
       FROM attempts a LEFT JOIN attempts b ON b.delivery_id = a.delivery_id AND b.number = a.number - 1
      WHERE a.status_code = 500 GROUP BY a.number ORDER BY a.number`,
  );
  expect(log.map(({ number, count }) => [number, count])).toEqual(
    [1, 2, 3].map((number) => [number, EVENTS]),
  );
  for (const { early, late } of log.slice(1)) {
    expect(early).toBeGreaterThan(DELAY_SECONDS * 0.9 - 0.01);
    // Ten per cent of jitter, one second to go together with others, and a few times what they took at first.
    expect(late).toBeLessThan(DELAY_SECONDS * 1.1 + 1 + 5 * (1 + log[0]!.seconds));
  }
  const workflows = await stage.sql<{ members: number }>(
    'SELECT count(*)::int AS members FROM deliveries GROUP BY workflow_id',
  );
  expect(workflows.length).toBeLessThan(EVENTS / 20);

  // The story of each is told as if it had gone alone.
  const { body } = await stage.child.call('GET', `${TENANT}/deliveries?limit=3&status=failed`);
  for (const { id } of body.data as { id: string }[]) {
    const told = await until(
      async () => (await stage.child.call('GET', `${TENANT}/deliveries/${id}/history`)).body.runs,
      (runs) => runs.length === 1 && runs[0].status !== 'running',
    );
    const attempts = told[0].entries.filter(({ type }: { type: string }) => type === 'attempt');
    expect(attempts.map(({ number }: { number: number }) => number)).toEqual([1, 2, 3]);
  }
});
