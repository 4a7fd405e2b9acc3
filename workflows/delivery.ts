import {
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { answerMessages, noteUnknownSignals } from './answer-messages.ts';
import { describe, timerSummary } from './details.ts';
import { createFlight, type Flight } from './flight.ts';
import { byActivity, isOver, nextWakeMs, wantsAttempt } from './members.ts';
import { searchAttributes, type DeliveryInput } from './messages.ts';
import { readInput } from './read-messages.ts';
import { failureOf, inputOfNextRun, outcomeValues, tally } from './results.ts';
import { createRounds, type Rounds } from './rounds.ts';

/**
 * Carries a set of deliveries (normally one) until each is delivered, its schedule is used up, or it is cancelled.
 * Loop: attempt what is due; wait for the next due time, a manual retry or a cancellation.
 */
export async function delivery(raw: DeliveryInput): Promise<Record<string, number>> {
  const flight = createFlight(checkInput(raw));
  answerMessages(flight);
  const rounds = createRounds(flight);
  try {
    await takeOver(flight, rounds);
    await carry(flight, rounds);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(() => cancelAll(flight, rounds));
    throw error;
  }
  return conclude(flight);
}

/** Somebody may start one by hand: what makes no sense fails at once, in words, instead of failing its tasks for ever. */
function checkInput(raw: unknown): DeliveryInput {
  const input = readInput(raw);
  if (typeof input !== 'string') return input;
  const usage = 'Its input is {"deliveries": {"ep_…": ["dlv_…"]}}; publishing an event starts it.';
  throw ApplicationFailure.nonRetryable(
    `This workflow cannot be carried out: ${input}. ${usage}`,
    'InvalidInput',
  );
}

async function takeOver(flight: Flight, rounds: Rounds): Promise<void> {
  flight.begun = true;
  const fresh = flight.members.filter((member) => member.result === null);
  // In a later run, an earlier one has done so.
  if (!flight.input.earlier && fresh.length > 0) await rounds.first(fresh);
}

async function carry(flight: Flight, rounds: Rounds): Promise<void> {
  const { members, input } = flight;
  for (;;) {
    rounds.throwFault();
    endCancelled(flight, rounds);
    const room = roomInHistory(input);
    if (room !== 'enough' && rounds.isQuiet() && !members.every(isOver)) await goOnAsNew(flight);
    const now = rounds.nowMs();
    if (room !== 'none') byActivity(members.filter((one) => wantsAttempt(one, now))).forEach(rounds.launch);
    setCurrentDetails(describe(members, input, flight.notes));
    if (members.every(isOver) && rounds.isQuiet()) return;
    await somethingToDo(flight, now);
  }
}

/** Beyond so many times the length at which a new run is suggested, nothing new is begun until what is under way ends. */
const AT_MOST = 4;
/** Where Temporal's own setting is not known: its default. */
const SUGGESTED_EVENTS = 4_096;

/** A history may not grow for ever: past a length, the workflow goes on in a new run at the next quiet moment. */
function roomInHistory({ eventsPerRun }: DeliveryInput): 'enough' | 'little' | 'none' {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  const suggested = eventsPerRun === undefined ? continueAsNewSuggested : historyLength >= eventsPerRun;
  if (!suggested) return 'enough';
  return historyLength < AT_MOST * (eventsPerRun ?? SUGGESTED_EVENTS) ? 'little' : 'none';
}

/** A signal that comes at this moment makes Temporal refuse it, and the loop begins again with that signal. */
function goOnAsNew({ input, members }: Flight): Promise<never> {
  return continueAsNew<typeof delivery>(inputOfNextRun(input, members));
}

/** The API has noted them already, whoever signals from elsewhere has not. */
function endCancelled({ members }: Flight, rounds: Rounds): void {
  const ended = members.filter((member) => member.cancelled && !member.busy);
  const ids = ended.filter((member) => member.result === null).map((member) => member.id);
  for (const member of ended) {
    member.result ??= 'cancelled';
    member.dueAtMs = null;
    member.cancelled = false;
  }
  if (ids.length > 0) rounds.noteCancelled(ids);
}

/** No wait is longer: were a due time ever wrong, the workflow would look again. */
const MAX_WAIT_MS = 30 * 24 * 3_600_000;

async function somethingToDo(flight: Flight, nowMs: number): Promise<void> {
  flight.changed = false;
  const woken = () => {
    noteUnknownSignals(flight);
    return flight.changed;
  };
  const wakeAtMs = nextWakeMs(flight.members);
  if (wakeAtMs === null) return condition(woken);
  const waitMs = Math.min(Math.max(1, wakeAtMs - nowMs), MAX_WAIT_MS);
  await condition(woken, waitMs, { summary: timerSummary(flight.members, wakeAtMs) });
}

/** The workflow itself was cancelled, and with it what it carries. */
async function cancelAll({ members }: Flight, rounds: Rounds): Promise<void> {
  const ids = members.filter((member) => member.result === null).map((member) => member.id);
  if (ids.length > 0) rounds.noteCancelled(ids);
  await condition(() => rounds.isQuiet());
}

/** One delivery that has failed for good shows red, and says why; of a set, the result has the numbers. */
function conclude({ input, members }: Flight): Record<string, number> {
  const values = outcomeValues(members, input.earlier);
  if (!input.succeeded && values.length > 0)
    upsertSearchAttributes([{ key: searchAttributes.outcome, value: values }]);
  const failure = failureOf(members, input.earlier);
  if (failure === null) return tally(members, input.earlier);
  const { id, endpointId, attempts } = members[0]!;
  throw ApplicationFailure.create({
    type: 'DeliveryFailed',
    message: failure,
    nonRetryable: true,
    details: [{ deliveryId: id, endpointId, attempts }],
  });
}
