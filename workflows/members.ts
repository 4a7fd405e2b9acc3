/** The deliveries a workflow carries, and what happens to each. Pure bookkeeping, no Temporal calls. */
import type { AttemptOrder, UnrecordedAttempt } from '../activities/types.ts';
import { standingAfter, usesSchedule, type Outcome } from '../src/outcome.ts';
import type { DeliveryInput, MemberState } from './messages.ts';

export interface Member {
  id: string;
  endpointId: string;
  attempts: number;
  /** Attempts that used up a step of the schedule. */
  scheduled: number;
  /** Unix ms of the next scheduled attempt; null: none. */
  dueAtMs: number | null;
  manual: boolean;
  cancelled: boolean;
  busy: boolean;
  /** How it ended; null while under way. */
  result: string | null;
  /** The last answer in a few words, for the Web UI. */
  last: string;
}

/** Failed together, due together: attempts due within this time of each other share a timer and an activity. */
export const TOGETHER_MS = 1_000;

export function createMembers(input: DeliveryInput): Member[] {
  return Object.entries(input.deliveries).flatMap(([endpointId, ids]) =>
    ids.map((id) => {
      const progress = input.progress?.[id];
      return {
        id,
        endpointId,
        attempts: progress?.attempts ?? 0,
        scheduled: progress?.scheduled ?? 0,
        dueAtMs: progress?.ended ? null : (progress?.dueAtMs ?? 0),
        manual: false,
        cancelled: false,
        busy: false,
        result: progress?.ended ? 'ended' : null,
        last: '',
      };
    }),
  );
}

export function orderFor(member: Member): AttemptOrder {
  const order: AttemptOrder = { id: member.id, number: member.attempts + 1 };
  if (member.manual) order.manual = true;
  return order;
}

/** Moves a member on by what its attempt came to. Returns the outcome again if its log row is still to be written. */
export function applyOutcome(member: Member, outcome: Outcome): UnrecordedAttempt | null {
  if (outcome.kind === 'waiting') return null;
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
  member.last = outcome.succeeded
    ? `HTTP ${outcome.statusCode}`
    : (outcome.errorMessage ?? `HTTP ${outcome.statusCode}`);
  if (standing.status === 'succeeded') {
    member.result = standing.status;
    member.dueAtMs = null;
    member.manual = false;
  } else if (standing.status === 'failed') {
    // As in the log: sent again and refused, what was delivered or cancelled stays that.
    member.result ??= standing.status;
    member.dueAtMs = null;
  } else if (standing.status === 'retrying') {
    member.dueAtMs = standing.nextAttemptAtMs;
  }
  return outcome.recorded ? null : { id: member.id, scheduledBefore, outcome };
}

export const wantsAttempt = (member: Member, nowMs: number): boolean =>
  !member.busy && (member.manual || (member.dueAtMs !== null && member.dueAtMs <= nowMs));

export const isOver = (member: Member): boolean => !member.busy && !member.manual && member.dueAtMs === null;

/** When to wake for the schedule next: the earliest due, or the last of those due together with it. */
export function nextWakeMs(members: Member[]): number | null {
  const due = members.filter((m) => !m.busy && m.dueAtMs !== null).map((m) => m.dueAtMs!);
  if (due.length === 0) return null;
  const earliest = due.reduce((a, b) => Math.min(a, b));
  return due.reduce((latest, at) => (at <= earliest + TOGETHER_MS ? Math.max(latest, at) : latest), earliest);
}

/** Of an endpoint's own activity each, so that a slow endpoint delays no other. */
export function byEndpoint(members: Member[]): Member[][] {
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const group = groups.get(member.endpointId);
    if (group) group.push(member);
    else groups.set(member.endpointId, [member]);
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
    nextAttemptAtMs: member.dueAtMs,
  };
}

/** Search attribute values: each result once, and once with each endpoint it happened to. */
export function outcomeValues(members: Member[]): string[] {
  const values = new Set<string>();
  for (const { result, endpointId } of members) {
    if (result === null || result === 'foreign' || result === 'ended') continue;
    values.add(result);
    if (result !== 'succeeded') values.add(`${result}:${endpointId}`);
  }
  return [...values];
}

/** What the Web UI shows as the workflow's current details (Markdown). */
export function describe(members: Member[]): string {
  if (members.length === 1) {
    const member = members[0]!;
    const next = member.dueAtMs
      ? `next attempt **${new Date(member.dueAtMs).toISOString()}**`
      : 'no further attempt';
    return `Attempt ${member.attempts}: ${member.last || 'none yet'} — ${member.result ?? 'retrying'}, ${next}`;
  }
  const counts = new Map<string, number>();
  for (const member of members) {
    const key = member.result ?? 'retrying';
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const next = nextWakeMs(members);
  const parts = [...counts].map(([result, count]) => `${count} ${result}`);
  return `${members.length} deliveries: ${parts.join(', ')}${next ? ` — next attempts **${new Date(next).toISOString()}**` : ''}`;
}
