/** The deliveries a workflow carries, and what happens to each. Pure bookkeeping, no Temporal calls. */
import type { AttemptOrder, UnrecordedAttempt } from '../activities/types.ts';
import { standingAfter, usesSchedule, type AttemptOutcome, type Outcome } from '../src/outcome.ts';
import type { DeliveryInput, MemberState, Progress, Result } from './messages.ts';

export interface Member {
  id: string;
  endpointId: string;
  attempts: number;
  /** Attempts that used up a step of the schedule. */
  scheduled: number;
  /** Unix ms of the next scheduled attempt; null: none. */
  dueAtMs: number | null;
  manual: boolean;
  /** Not before then (Unix ms): its endpoint's rate was used up when it was to be made. 0: at once. */
  manualAtMs: number;
  /**
   * A retry asked for after an attempt that was made ahead and is not heard of here yet: it follows that one. The
   * number of attempts that whoever asked knows of.
   */
  early: number | null;
  cancelled: boolean;
  busy: boolean;
  /** How it ended; null while under way. */
  result: Result | null;
  /** The last answer in a few words, and how long it took: for people. */
  answer: string;
  tookMs: number;
  /** Of its schedule, as far as it is known: it comes with each outcome. */
  maxRetries: number | null;
}

/** Failed together, due together: attempts due within this time of each other share a timer and an activity. */
export const TOGETHER_MS = 1_000;
/** Of an answer's text. Names of hosts and sentences of TLS libraries can be long, and a history keeps them. */
const ANSWER_CHARS = 100;

export function createMembers(input: DeliveryInput): Member[] {
  return Object.entries(input.deliveries).flatMap(([endpointId, ids]) =>
    ids.map((id) => createMember(id, endpointId, input.progress?.[id])),
  );
}

function createMember(id: string, endpointId: string, progress: Progress | undefined): Member {
  return {
    id,
    endpointId,
    attempts: progress?.attempts ?? 0,
    scheduled: progress?.scheduled ?? 0,
    dueAtMs: progress?.ended ? null : (progress?.dueAtMs ?? 0),
    manual: progress?.manual ?? false,
    manualAtMs: 0,
    early: null,
    cancelled: false,
    busy: false,
    result: progress?.ended ?? null,
    answer: progress?.answer ?? '',
    tookMs: progress?.tookMs ?? 0,
    maxRetries: progress?.maxRetries ?? null,
  };
}

/** What the next run of the workflow has to know of a member that is not under way; null when it is over. */
export function progressOf(member: Member): Progress | null {
  if (isOver(member)) return null;
  const { attempts, scheduled, dueAtMs, manual, result, answer, tookMs, maxRetries } = member;
  const progress: Progress = { attempts, scheduled, dueAtMs, answer, tookMs };
  if (result !== null) progress.ended = result;
  if (manual) progress.manual = true;
  if (maxRetries !== null) progress.maxRetries = maxRetries;
  return progress;
}

export function orderFor(member: Member): AttemptOrder {
  const order: AttemptOrder = { id: member.id, number: member.attempts + 1 };
  if (member.scheduled !== member.attempts) order.scheduled = member.scheduled;
  if (member.manual) order.manual = true;
  return order;
}

/** Moves a member on by what its attempt came to. Returns the outcome again if its log row is still to be written. */
export function applyOutcome(member: Member, outcome: Outcome): UnrecordedAttempt | null {
  if (outcome.kind === 'waiting' || outcome.kind === 'underWay') return null;
  if (outcome.kind === 'deferred') {
    member.dueAtMs = outcome.untilMs;
    return null;
  }
  if (outcome.kind !== 'attempt') {
    // An ended delivery that could not be sent again stays as it had ended.
    member.result ??= outcome.kind;
    member.dueAtMs = null;
    return null;
  }
  const scheduledBefore = member.scheduled;
  const standing = standingAfter(outcome, scheduledBefore);
  member.attempts = outcome.number;
  if (usesSchedule(outcome.trigger)) member.scheduled += 1;
  noteAnswer(member, outcome);
  switch (standing.status) {
    case 'succeeded':
      member.result = 'succeeded';
      member.dueAtMs = null;
      member.manual = false;
      break;
    case 'failed':
      // As in the log: sent again and refused, what was delivered or cancelled stays that.
      member.result ??= 'failed';
      member.dueAtMs = null;
      break;
    case 'retrying':
      member.dueAtMs = standing.nextAttemptAtMs;
      break;
    case 'unchanged':
  }
  return outcome.recorded ? null : { id: member.id, scheduledBefore, outcome };
}

function noteAnswer(member: Member, outcome: AttemptOutcome): void {
  const { succeeded, errorMessage, statusCode } = outcome;
  const answer = succeeded || errorMessage === null ? `HTTP ${statusCode}` : errorMessage;
  member.answer = answer.slice(0, ANSWER_CHARS);
  member.tookMs = Math.round(outcome.durationMs);
  member.maxRetries = outcome.schedule.maxRetries;
}

/** `known`: attempts that whoever asks for this one knows of. */
export function askForManual(member: Member, known: number): void {
  member.attempts = Math.max(member.attempts, known);
  member.manual = true;
  member.manualAtMs = 0;
}

/** One that was asked for by hand could not be made yet. */
export function putOffManual(member: Member, untilMs: number): void {
  member.manual = true;
  member.manualAtMs = untilMs;
}

/** When it wants its next attempt; null: it wants none. */
export function wantedAtMs({ manual, manualAtMs, dueAtMs }: Member): number | null {
  return manual ? Math.min(manualAtMs, dueAtMs ?? Infinity) : dueAtMs;
}

export function wantsAttempt(member: Member, nowMs: number): boolean {
  const atMs = wantedAtMs(member);
  return !member.busy && atMs !== null && atMs <= nowMs;
}

export const isOver = (member: Member): boolean => !member.busy && !member.manual && member.dueAtMs === null;

/** When to wake for the schedule next: the earliest due, or the last of those due together with it. */
export function nextWakeMs(members: Member[]): number | null {
  // What is wanted by hand at once is begun, or waits for room and not for a time.
  const due = members.flatMap((member) => (member.busy ? [] : wantedAtMs(member) || (member.dueAtMs ?? [])));
  if (due.length === 0) return null;
  const earliest = due.reduce((a, b) => Math.min(a, b));
  return due.reduce((latest, at) => (at <= earliest + TOGETHER_MS ? Math.max(latest, at) : latest), earliest);
}

/**
 * What shares an activity. All that is due by the schedule: it comes back with what is known before that is wanted, and is
 * asked again for the rest, so a slow endpoint delays no other. What is asked for by hand waits as long as it takes:
 * an activity for each endpoint.
 */
export function byActivity(members: Member[]): Member[][] {
  const groups = new Map<string | null, Member[]>();
  for (const member of members) {
    const key = member.manual ? member.endpointId : null;
    const group = groups.get(key);
    if (group) group.push(member);
    else groups.set(key, [member]);
  }
  return [...groups.values()];
}

export function stateOf(member: Member): MemberState {
  const status = member.busy ? 'attempting' : isOver(member) ? 'ended' : 'waiting';
  return {
    id: member.id,
    status,
    result: member.result,
    attempts: member.attempts,
    nextAttemptAtMs: wantedAtMs(member) || member.dueAtMs,
  };
}
