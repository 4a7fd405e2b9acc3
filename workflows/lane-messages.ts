/** What people and programs send to a lane's workflow. None may throw: see answer-messages.ts. */
import { ApplicationFailure } from '@temporalio/common';
import { defineSignal, log, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { code } from './markdown.ts';
import { cancelDelivery, cancelUpdate, retryNow, retryUpdate, stateQuery } from './messages.ts';
import { readOrder } from './read-messages.ts';
import { laneStateQuery, type LaneFlight } from './lane-state.ts';

/** There is something to do in the lane. */
export const wakeLane = defineSignal('wake');

const INPUT = 'Input: {"deliveryId": "dlv_…"}, or nothing while one delivery waits.';
const MAX_NOTES = 5;
/** Orders that wait for the run under way to end. */
const MAX_ORDERS = 1_000;

type Act = (deliveryId: string) => string;

export function answerLaneMessages(flight: LaneFlight): void {
  setHandler(wakeLane, () => void (flight.woken = true), { description: 'There is something to deliver.' });
  const retry: Act = (id) =>
    order(flight, flight.manual, id, `${id} is attempted now, if it is the first of its key.`);
  const cancel: Act = (id) => order(flight, flight.cancelled, id, `${id} is cancelled, unless it has ended.`);
  handle(flight, [retryNow, retryUpdate], retry, `Attempt the delivery that waits now. ${INPUT}`);
  handle(flight, [cancelDelivery, cancelUpdate], cancel, `Cancel a delivery of the lane. ${INPUT}`);
  setHandler(laneStateQuery, () => ({ ...flight.last, tally: flight.tally }), {
    description: 'What has been delivered, and which deliveries wait, and for what.',
  });
  setHandler(
    stateQuery,
    () =>
      (flight.last?.waits ?? []).map(({ deliveryId, attempts, dueAtMs }) => ({
        ...{ id: deliveryId, status: 'waiting' as const, result: null },
        ...{ attempts, nextAttemptAtMs: dueAtMs },
      })),
    { description: 'The deliveries for which others wait.' },
  );
}

type Pair = [signal: typeof retryNow, update: typeof retryUpdate];

function handle(flight: LaneFlight, [signal, update]: Pair, act: Act, description: string): void {
  const carryOut = (raw?: unknown): string => {
    const found = addressee(flight, raw);
    return 'refused' in found ? refuse(flight, signal.name, found.refused) : act(found.id);
  };
  setHandler(signal, (raw) => void carryOut(raw), { description });
  setHandler(update, carryOut, {
    description,
    validator(raw?: unknown) {
      const found = addressee(flight, raw);
      if ('refused' in found) throw ApplicationFailure.nonRetryable(`Refused: ${found.refused}`, 'Refused');
    },
  });
}

function addressee({ last }: LaneFlight, raw: unknown): { id: string } | { refused: string } {
  const read = readOrder(raw);
  if (typeof read === 'string') return { refused: `${read}. ${INPUT}` };
  if (read.deliveryId !== null) return { id: code(read.deliveryId) };
  if (last?.waiting === 1) return { id: last.waits[0]!.deliveryId };
  return { refused: `it names no delivery, and ${last?.waiting ?? 0} wait. ${INPUT}` };
}

function order(flight: LaneFlight, orders: Set<string>, deliveryId: string, words: string): string {
  if (orders.size >= MAX_ORDERS) return refuse(flight, deliveryId, 'too many orders wait already');
  orders.add(deliveryId);
  flight.woken = true;
  return words;
}

function refuse(flight: LaneFlight, name: string, why: string): string {
  flight.notes = [...flight.notes, `\`${code(name)}\` was refused: ${why}`.slice(0, 300)].slice(-MAX_NOTES);
  log.warn('a message to a workflow was refused', { name: code(name), why });
  return `Refused: ${why}`;
}

/** As noteUnknownSignals of answer-messages.ts does. */
export function noteUnknown(flight: LaneFlight): void {
  try {
    setDefaultSignalHandler((name) => void refuse(flight, name, 'there is no such signal'));
  } catch {
    refuse(flight, 'a signal', 'its name is reserved');
  } finally {
    setDefaultSignalHandler(undefined);
  }
}
