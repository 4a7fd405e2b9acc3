/**
 * Signals, updates and queries. None may throw: in a workflow, that fails the task which brought the message, and each
 * repetition of that task. What makes sense is done; what does not is refused in words, in the current details.
 */
import { ApplicationFailure } from '@temporalio/common';
import { log, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { addNote, type Flight } from './flight.ts';
import { code } from './markdown.ts';
import { askForManual, stateOf, type Member } from './members.ts';
import {
  cancelDeliveries,
  cancelDelivery,
  cancelUpdate,
  retryNow,
  retryUpdate,
  stateQuery,
} from './messages.ts';
import { readIds, readOrder } from './read-messages.ts';

type Action = (member: Member, after: number) => string;
type Pair = [signal: typeof retryNow, update: typeof retryUpdate];

const INPUT = 'Input: {"deliveryId": "dlv_…"}, or nothing where the workflow carries one delivery.';

export function answerMessages(flight: Flight): void {
  const retry: Action = (member, after) => retryMember(flight, member, after);
  handle(flight, [retryNow, retryUpdate], retry, `Attempt now, on top of the schedule. ${INPUT}`);
  handle(flight, [cancelDelivery, cancelUpdate], cancelMember, `Make no further attempt. ${INPUT}`);
  setHandler(cancelDeliveries, (raw?: unknown) => cancelMembers(flight, raw), {
    description: 'Make no further attempt of these. Input: {"deliveryIds": ["dlv_…", …]}.',
  });
  setHandler(stateQuery, () => flight.members.map(stateOf), {
    description: 'Each delivery it carries: where it stands, its attempts, when the next one is due.',
  });
}

/** The same by signal, which cannot answer, and by update, which does. */
function handle(flight: Flight, [signal, update]: Pair, act: Action, description: string): void {
  const carryOut = (raw?: unknown): string => {
    const found = addressee(flight, raw);
    if (typeof found === 'string') return refuse(flight, signal.name, found);
    flight.changed = true;
    return act(found.member, found.after);
  };
  setHandler(signal, (raw) => void carryOut(raw), { description });
  setHandler(update, carryOut, { description, validator: (raw?: unknown) => validate(flight, raw) });
}

/** The member that is meant, or why nobody can tell. */
function addressee({ members, byId }: Flight, raw: unknown): { member: Member; after: number } | string {
  const order = readOrder(raw);
  if (typeof order === 'string') return `${order}. ${INPUT}`;
  const { deliveryId, after } = order;
  if (deliveryId === null) {
    if (members.length === 1) return { member: members[0]!, after };
    return `it names no delivery, and ${members.length} are carried. ${INPUT}`;
  }
  const member = byId.get(deliveryId);
  return member ? { member, after } : `this workflow does not carry \`${code(deliveryId)}\``;
}

function validate(flight: Flight, raw: unknown): void {
  const found = addressee(flight, raw);
  if (typeof found === 'string') throw ApplicationFailure.nonRetryable(`Refused: ${found}`, 'Refused');
}

function refuse(flight: Flight, name: string, why: string): string {
  addNote(flight, `\`${code(name)}\` was refused: ${why}`);
  log.warn('a message to a workflow was refused', { name: code(name), why });
  return `Refused: ${why}`;
}

function retryMember(flight: Flight, member: Member, after: number): string {
  const attemptIsComing = member.busy || (!flight.begun && member.result === null);
  if (after > member.attempts && attemptIsComing) member.early = after;
  else askForManual(member, after);
  return member.busy ? 'An attempt is under way; it counts.' : `Attempt ${member.attempts + 1} is made now.`;
}

function cancelMember(member: Member): string {
  member.early = null;
  member.manual = false;
  member.cancelled = true;
  return member.busy ? 'Cancelled once the attempt under way is over, unless it succeeds.' : 'Cancelled.';
}

/** Those of them that are carried here: another workflow may carry the rest by now. */
function cancelMembers(flight: Flight, raw: unknown): void {
  const ids = readIds(raw);
  if (typeof ids === 'string') return void refuse(flight, cancelDeliveries.name, ids);
  for (const id of ids) {
    const member = flight.byId.get(id);
    if (member) cancelMember(member);
  }
  flight.changed = true;
}

/**
 * Signals of no name that we know wait in the SDK's buffer; this empties it. A default handler that stayed would make the
 * SDK throw for names that Temporal reserves, and so fail the task.
 */
export function noteUnknownSignals(flight: Flight): void {
  try {
    setDefaultSignalHandler((name) => void refuse(flight, name, 'there is no such signal'));
  } catch {
    addNote(flight, 'a signal was refused: its name is reserved');
  } finally {
    setDefaultSignalHandler(undefined);
  }
}
