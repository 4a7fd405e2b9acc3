/** Temporal is back after more has failed meanwhile than may wait for it in memory. */
import pino from 'pino';
import { expect, it, vi } from 'vitest';
import type { Attempts } from '../../src/dispatch/attempts.ts';
import { createCarriers, type Carrier } from '../../src/dispatch/carriers.ts';
import { createClaimer, type Claimer } from '../../src/dispatch/claimer.ts';
import { createDispatcher } from '../../src/dispatch/dispatcher.ts';
import { createGate } from '../../src/dispatch/gate.ts';
import type { Rates } from '../../src/dispatch/rates.ts';
import { createMembership } from '../../src/dispatch/membership.ts';
import { createSweep, type SweepDeps } from '../../src/dispatch/sweep.ts';
import type { Endpoint } from '../../src/domain.ts';
import { lowestDeliveryIdAt } from '../../src/ids.ts';
import type { AttemptOutcome } from '../../src/outcome.ts';
import type { EndpointCache } from '../../src/store/endpoint-cache.ts';
import { createPool } from '../../src/store/pool.ts';
import { createDatabase } from '../support/posthorn.ts';
import { until } from '../support/until.ts';

const DELIVERIES = 400;
const MAX_WAITING = 50;
const BURST_SIZE = 10;
/** The sweep's, and more than a tick of the claimer. */
const PASS_MS = 10_000;

it('all get a workflow, each one, and no attempt is made again', async ({ onTestFinished }) => {
  const pool = createPool(await createDatabase(), 4, 'kept');
  onTestFinished(() => pool.end());
  // Ticks and passes come when told; what waits for the database goes by the clock.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const log = pino({ level: 'silent' });
  const membership = createMembership({
    ...{ db: pool, heartbeatDb: pool, role: 'worker', log },
    onDisowned: () => dispatcher.disown(),
  });
  await membership.register();

  let isAway = true;
  const startsOf = new Map<string, number>();
  async function start({ workflowId, passengers }: Carrier): Promise<void> {
    if (isAway) throw new Error('away');
    const ids = passengers.map((passenger) => passenger.deliveryId);
    for (const id of ids) startsOf.set(id, (startsOf.get(id) ?? 0) + 1);
    await pool.query('UPDATE deliveries SET workflow_id = $1 WHERE id = ANY ($2)', [workflowId, ids]);
  }
  const carriers = createCarriers({
    ...{ start, burstSize: BURST_SIZE, startsPerSecond: 20, maxWaiting: MAX_WAITING, log },
  });

  const attemptsOf = new Map<string, number>();
  const attempts: Pick<Attempts, 'run' | 'has' | 'disown'> = {
    async run({ job, chooseWorkflow }) {
      attemptsOf.set(job.deliveryId, (attemptsOf.get(job.deliveryId) ?? 0) + 1);
      const outcome = { kind: 'attempt', number: 1, succeeded: false } as AttemptOutcome;
      chooseWorkflow(outcome, false, { id: job.endpointId, url: 'http://receiver/', name: null } as Endpoint);
      await pool.query(
        `UPDATE deliveries SET status = 'retrying', attempt_count = 1, scheduled_count = 1,
                               next_attempt_at = now() + interval '1 hour' WHERE id = $1`,
        [job.deliveryId],
      );
      return outcome;
    },
    has: () => false,
    disown: () => 0,
  };
  const dispatcher = createDispatcher({
    ...{ mode: 'fast', attempts: attempts as Attempts, carriers, db: pool, log },
    gate: createGate({ maxInFlight: 100, maxInFlightPerEndpoint: 32 }),
    rates: { roomOf: () => Infinity, restsUntilMs: () => 0 } as unknown as Rates,
    putBack: () => {},
    endpoints: { peek: () => undefined } as unknown as EndpointCache,
    onRoom: () => claimer.onRoom(),
  });
  const claimer: Claimer = createClaimer({ db: pool, membership, dispatcher, log });
  const sweep = createSweep({
    ...{ db: pool, membership, dispatcher, claimer, log },
    fateOf: () => Promise.resolve('running'),
    longWork: {} as SweepDeps['longWork'],
  });
  onTestFinished(async () => {
    await Promise.all([claimer.stop(), sweep.stop()]);
    await membership.stop();
  });

  const id = lowestDeliveryIdAt(new Date(Date.now() - 3_600_000));
  await pool.query(`INSERT INTO events (tenant_id, uid, id, type, environment, "timestamp", data, created_at)
    VALUES ('t', 'evt_0', 'evt_0', 'a.b', 'production', now(), '{}', now())`);
  await pool.query(
    `INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status,
                             created_at)
     SELECT 't', $1 || lpad(n::text, 20, '0'), 'evt_0', 'evt_0', 'ep_' || n % 3, 'a.b', 'production', 'schedule',
            'pending', now() FROM generate_series(1, $2) n`,
    [id, DELIVERIES],
  );
  membership.start();
  claimer.start();
  sweep.start();

  const count = async (where: string) =>
    (await pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM deliveries WHERE ${where}`)).rows[0]!.n;
  const later = (ask: () => Promise<number>) => () => {
    vi.advanceTimersByTime(PASS_MS / 2);
    return ask();
  };
  await until(
    later(() => count(`status = 'retrying'`)),
    (n) => n === DELIVERIES,
  );
  await until(
    () => carriers.waiting(),
    (n) => n <= MAX_WAITING + BURST_SIZE,
  );
  // What was left out is given back to the table, and stays there.
  await until(
    later(() => count('claimed_by IS NULL')),
    (n) => n >= DELIVERIES - MAX_WAITING - BURST_SIZE,
  );
  expect(startsOf.size).toBe(0);

  isAway = false;
  await until(
    later(() => count('workflow_id IS NOT NULL')),
    (n) => n === DELIVERIES,
  );
  await carriers.idle();
  expect([startsOf.size, new Set(startsOf.values())]).toEqual([DELIVERIES, new Set([1])]);
  expect([attemptsOf.size, new Set(attemptsOf.values())]).toEqual([DELIVERIES, new Set([1])]);
});
