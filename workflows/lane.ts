import {
  ApplicationFailure,
  condition,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { LaneActivities } from '../activities/run-lane.ts';
import type { Activities } from '../activities/types.ts';
import { addTally, type LaneRun, type LaneTally } from '../src/lane-run.ts';
import { answerLaneMessages, noteUnknown } from './lane-messages.ts';
import {
  createLaneFlight,
  describeLane,
  inputOfNextRun,
  readLaneInput,
  runSummary,
  waitSummary,
  type LaneFlight,
  type LaneInput,
} from './lane-state.ts';

/**
 * The lane of an endpoint whose deliveries go one after the other. Loop: an activity delivers what can be delivered, and
 * comes back when nothing can; then a timer waits for the first retry, or a signal for what is accepted meanwhile. When
 * nothing is left it ends, and whoever next accepts something starts it anew.
 */
export async function lane(raw: LaneInput): Promise<LaneTally> {
  const flight = createLaneFlight(checkInput(raw));
  answerLaneMessages(flight);
  for (;;) {
    if (isLong(flight)) await continueAsNew<typeof lane>(inputOfNextRun(flight));
    const last = await run(flight);
    noteUnknown(flight);
    setCurrentDetails(describeLane(flight));
    if (flight.woken || last.more) continue;
    if (last.nextDueAtMs === null) return flight.tally;
    const waitMs = Math.min(Math.max(1, last.nextDueAtMs - Date.now()), MAX_WAIT_MS);
    await condition(() => isWoken(flight), waitMs, { summary: waitSummary(last) });
  }
}

/** No wait is longer: were a due time ever wrong, the workflow would look again. */
const MAX_WAIT_MS = 24 * 3_600_000;

function isWoken(flight: LaneFlight): boolean {
  noteUnknown(flight);
  return flight.woken;
}

/** What fails here is ours (Postgres away, process gone), so: again. */
const OURS_TO_RETRY = {
  initialInterval: '1 second',
  backoffCoefficient: 2,
  maximumInterval: '30 seconds',
} as const;

async function run(flight: LaneFlight): Promise<LaneRun> {
  const { input } = flight;
  const taskQueue = `${workflowInfo().taskQueue}-attempts`;
  const { runLane } = proxyActivities<LaneActivities>({
    ...{ taskQueue, retry: OURS_TO_RETRY },
    startToCloseTimeout: '15 minutes',
    // Far above the activity's own second: whoever takes over has to wait for its process's death anyway.
    heartbeatTimeout: '6 seconds',
  });
  const { tenantId, endpointId } = input;
  const order = { tenantId, endpointId, manual: [...flight.manual], cancelled: [...flight.cancelled] };
  const summary = runSummary(flight);
  flight.woken = false;
  flight.manual.clear();
  flight.cancelled.clear();
  const result = await runLane.executeWithOptions({ summary }, [order]);
  flight.tally = addTally(flight.tally, result.tally);
  flight.last = result;
  for (const deliveryId of result.manual ?? []) flight.manual.add(deliveryId);
  if (result.unrecorded.length > 0) await record(result);
  return result;
}

/** Nothing goes on before it is written: whatever is next in the lane depends on it. */
async function record({ unrecorded }: LaneRun): Promise<void> {
  const { recordAttempts } = proxyActivities<Activities>({
    taskQueue: `${workflowInfo().taskQueue}-attempts`,
    startToCloseTimeout: '1 minute',
    retry: OURS_TO_RETRY,
  });
  await recordAttempts({ attempts: unrecorded });
}

function isLong({ input: { eventsPerRun } }: LaneFlight): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return eventsPerRun === undefined ? continueAsNewSuggested : historyLength >= eventsPerRun;
}

function checkInput(raw: unknown): LaneInput {
  const input = readLaneInput(raw);
  if (typeof input !== 'string') return input;
  throw ApplicationFailure.nonRetryable(
    `This workflow cannot be carried out: ${input}. Its input is {"tenantId": "…", "endpointId": "ep_…"}; accepting an event starts it.`,
    'InvalidInput',
  );
}
