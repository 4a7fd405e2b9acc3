/** The workflow of a lane, in virtual time: retries days apart, new runs on the way, and what is accepted meanwhile. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NO_TALLY, type LaneOrder, type LaneRun } from '../../src/lane-run.ts';
import type { lane } from '../../workflows/lane.ts';
import { startVirtualTime, type VirtualTime } from '../support/virtual-time.ts';

/** One lane without keys: what its head's attempts come to, and when the next of them is due. */
interface Script {
  /** Of the delivery that waits: seconds after each failed attempt, until it succeeds. */
  retriesSeconds: number[];
  /** How many more are delivered with it. */
  behind: number;
  calls: { order: LaneOrder; atMs: number }[];
}

const DAY_SECONDS = 86_400;
const scripts = new Map<string, Script>();
const dueAtMs = new Map<string, number>();
let time: VirtualTime;

beforeAll(async () => {
  time = await startVirtualTime({ runLane });
});
afterAll(() => time?.stop());

/** As the real activity: makes the attempt if it is due, or asked for by hand, and says what it waits for. */
async function runLane(order: LaneOrder): Promise<LaneRun> {
  const { endpointId } = order;
  const script = scripts.get(endpointId)!;
  const atMs = await time.env.currentTimeMs();
  script.calls.push({ order, atMs });
  const run: LaneRun = {
    ...{ tally: { ...NO_TALLY }, more: false, manual: [], nextDueAtMs: null },
    ...{ waiting: 0, waits: [], failures: [], unrecorded: [] },
  };
  const isDue = atMs >= (dueAtMs.get(endpointId) ?? 0) || order.manual.length > 0;
  if (isDue) {
    const next = script.retriesSeconds.shift();
    if (next === undefined) {
      run.tally.succeeded = 1 + script.behind;
      return run;
    }
    run.tally.failedAttempts = 1;
    dueAtMs.set(endpointId, atMs + next * 1_000);
  }
  run.nextDueAtMs = dueAtMs.get(endpointId)!;
  run.waiting = 1;
  run.waits = [{ key: '', deliveryId: 'dlv_1', attempts: 1, dueAtMs: run.nextDueAtMs }];
  return run;
}

async function start(retriesSeconds: number[], eventsPerRun?: number) {
  const endpointId = `ep_${randomUUID()}`;
  const script: Script = { retriesSeconds: [...retriesSeconds], behind: 2, calls: [] };
  scripts.set(endpointId, script);
  const input = { tenantId: 't', endpointId, ...(eventsPerRun === undefined ? {} : { eventsPerRun }) };
  const handle = await time.env.client.workflow.start<typeof lane>('lane', {
    ...{ taskQueue: time.taskQueue, workflowId: `lane-${endpointId}`, args: [input] },
  });
  return { endpointId, handle, script };
}

const gapsSeconds = ({ calls }: Script) =>
  calls.slice(1).map(({ atMs }, index) => Math.round((atMs - calls[index]!.atMs) / 1_000));

it('waits for retries that are days apart, looks once a day at least, and ends when nothing is left', async () => {
  const { handle, script } = await start([60, 3_600, 3 * DAY_SECONDS]);
  expect(await handle.result()).toEqual({ ...NO_TALLY, succeeded: 3, failedAttempts: 3 });
  const gaps = gapsSeconds(script);
  expect(gaps).toHaveLength(5);
  for (const [index, wanted] of [60, 3_600, DAY_SECONDS, DAY_SECONDS, DAY_SECONDS].entries()) {
    expect(gaps[index]).toBeGreaterThanOrEqual(wanted - 1);
    expect(gaps[index]).toBeLessThan(wanted + 60);
  }
});

it('goes on in new runs with its counts, and its retries keep their times', async () => {
  const retries = Array<number>(12).fill(7_200);
  const { endpointId, handle, script } = await start(retries, 30);
  expect(await handle.result()).toEqual({ ...NO_TALLY, succeeded: 3, failedAttempts: 12 });
  expect(gapsSeconds(script).every((gap) => gap >= 7_199 && gap < 7_260)).toBe(true);
  const first = await time.env.client.workflow
    .getHandle(`lane-${endpointId}`, handle.firstExecutionRunId)
    .fetchHistory();
  expect(first.events!.length).toBeLessThan(60);
  expect(first.events!.at(-1)!.workflowExecutionContinuedAsNewEventAttributes).toBeTruthy();
});

it('does at once what it is asked by hand, and what it is woken for', async () => {
  const { handle, script } = await start([3 * DAY_SECONDS, DAY_SECONDS]);
  const called = async (count: number) => {
    while (script.calls.length < count) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await called(1);
  await handle.signal('retryNow');
  await called(2);
  await handle.signal('wake');
  await called(3);
  expect(script.calls.map(({ order }) => order.manual)).toEqual([[], ['dlv_1'], []]);
  expect(await handle.result()).toMatchObject({ succeeded: 3, failedAttempts: 2 });
  expect(script.calls.at(-1)!.atMs - script.calls[1]!.atMs).toBeGreaterThanOrEqual(
    DAY_SECONDS * 1_000 - 1_000,
  );
});
