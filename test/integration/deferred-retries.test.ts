/** Retries that find no slot for long make room for others': their workflows ask again later. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAttemptActivity } from '../../activities/attempt.ts';
import { fromWire, type AttemptInput, type AttemptResult } from '../../activities/types.ts';
import type { AttemptClaims } from '../../src/dispatch/attempt-claims.ts';
import { createAttempts, type Attempts } from '../../src/dispatch/attempts.ts';
import { createRetryRoom } from '../../src/dispatch/retry-room.ts';
import type { AttemptOutcome, Outcome } from '../../src/outcome.ts';
import type { EndpointCache } from '../../src/store/endpoint-cache.ts';
import type { ClaimedAttempt } from '../../src/store/claim-attempts.ts';
import { createPool, type Pool } from '../../src/store/pool.ts';
import { createDatabase } from '../support/posthorn.ts';

let db: Pool;
beforeAll(async () => void (db = createPool(await createDatabase(), 2, 'kept')));
afterAll(() => db.end());

/** A process whose slots are all taken, by one hanging tenant say, until `open` is called for a delivery. */
function busyProcess() {
  const slots = new Map<string, () => void>();
  const begins = new Map<string, () => void>();
  let made = 0;
  const released: string[] = [];
  const attempts: Attempts = createAttempts(({ job }, state) => {
    made += 1;
    return new Promise<Outcome>((end) => {
      slots.set(job.deliveryId, () => {
        if (state.stop) return end({ kind: state.stop });
        begin(job.deliveryId);
        const schedule = { delaysSeconds: [1], maxRetries: 5, jitter: 0 };
        const times = { startedAtMs: Date.now(), durationMs: 0 };
        end({ kind: 'attempt', number: job.number, recorded: true, schedule, ...times } as AttemptOutcome);
      });
      begins.set(job.deliveryId, () => (state.begun = true));
    });
  });
  const begin = (id: string) => begins.get(id)!();
  const claims: AttemptClaims = {
    claim({ deliveryId, number }) {
      const event = { tenantId: deliveryId.split('-')[0] };
      const job = {
        deliveryId,
        number,
        event,
        status: 'retrying',
        nextAttemptAtMs: Date.now(),
        trigger: 'schedule',
      };
      return Promise.resolve({
        mine: true,
        job,
        recorded: null,
        workflowId: 'w',
      } as unknown as ClaimedAttempt);
    },
    releaseUnlessMade(request, outcome) {
      void outcome.then(({ kind }) => kind === 'attempt' || released.push(request.deliveryId));
    },
  };
  const retryRoom = createRetryRoom(4, 50);
  const attempt = createAttemptActivity({ attempts, claims, retryRoom, endpoints: {} as EndpointCache, db });
  const call = async (...ids: string[]): Promise<Outcome[]> => {
    const input: AttemptInput = { orders: ids.map((id) => ({ id, number: 2 })) };
    const result = await new MockActivityEnvironment().run<[AttemptInput], AttemptResult, typeof attempt>(
      attempt,
      input,
    );
    return fromWire(result);
  };
  return { call, begin, open: (id: string) => slots.get(id)!(), released, made: () => made };
}

it("a tenant's retries wait in their workflows when there are too many, and another's stay", async () => {
  const { call, open, released } = busyProcess();
  const staying = [call('greedy-1'), call('greedy-2')];
  await new Promise((resolve) => setTimeout(resolve, 100));
  const [first, second] = await call('greedy-3', 'greedy-4');
  expect(first).toMatchObject({ kind: 'deferred' });
  expect(second).toEqual(first);
  expect((first as { untilMs: number }).untilMs).toBeGreaterThan(Date.now() + 20_000);
  expect(released).toEqual(['greedy-3', 'greedy-4']);

  const other = call('modest-1');
  await new Promise((resolve) => setTimeout(resolve, 200));
  for (const id of ['greedy-1', 'greedy-2', 'modest-1']) open(id);
  for (const outcome of await Promise.all([...staying, other])) expect(outcome[0]!.kind).toBe('attempt');
});

it('what was deferred is made once when it is asked for again, and not before', async () => {
  const { call, open } = busyProcess();
  const staying = [call('t-1'), call('t-2')];
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect((await call('t-3'))[0]!.kind).toBe('deferred');
  for (const id of ['t-1', 't-2']) open(id);
  await Promise.all(staying);
  const again = call('t-3');
  await new Promise((resolve) => setTimeout(resolve, 20));
  open('t-3');
  expect((await again)[0]).toMatchObject({ kind: 'attempt', number: 2 });
});

it('what hangs keeps nothing that is over from its workflow, and is not made again when it is asked for', async () => {
  const { call, open, begin, released, made } = busyProcess();
  const both = call('t-quick', 't-hangs');
  await new Promise((resolve) => setTimeout(resolve, 20));
  begin('t-hangs');
  open('t-quick');
  const sinceMs = Date.now();
  expect((await both).map(({ kind }) => kind)).toEqual(['attempt', 'underWay']);
  // Its next attempt is due after a second.
  expect(Date.now() - sinceMs).toBeLessThan(1_000);
  expect(released).toEqual([]);
  const rest = call('t-hangs');
  await new Promise((resolve) => setTimeout(resolve, 20));
  open('t-hangs');
  expect((await rest)[0]).toMatchObject({ kind: 'attempt', number: 2 });
  expect([made(), released]).toEqual([2, []]);
});

it("what has not begun when its call comes back is anybody's until it is asked for again", async () => {
  const { call, open, released, made } = busyProcess();
  const staying = call('t-1');
  await new Promise((resolve) => setTimeout(resolve, 100));
  const both = call('t-quick', 't-waits');
  await new Promise((resolve) => setTimeout(resolve, 20));
  open('t-quick');
  expect((await both).map(({ kind }) => kind)).toEqual(['attempt', 'underWay']);
  expect(released).toEqual(['t-waits']);
  const rest = call('t-waits');
  await new Promise((resolve) => setTimeout(resolve, 20));
  open('t-waits');
  open('t-1');
  expect((await rest)[0]).toMatchObject({ kind: 'attempt', number: 2 });
  expect(made()).toBe(3);
  await staying;
});
