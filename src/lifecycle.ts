/**
 * The life of a delivery: which statuses there are, and which way leads from one to another. Whoever writes a status
 * (src/store), keeps books on one (workflows/members.ts) or lets callers ask for one (src/api) takes it from here.
 * docs/architecture.md draws it. Pure: workflow code imports it.
 */
export const STATUSES = ['pending', 'retrying', 'succeeded', 'failed', 'held', 'cancelled'] as const;
export type DeliveryStatus = (typeof STATUSES)[number];

/** `open`: somebody attends to it. `held`: nobody does until its endpoint is enabled. `ended`: nobody will, unless asked. */
export type Phase = 'open' | 'held' | 'ended';

const PHASES: Record<DeliveryStatus, Phase> = {
  pending: 'open',
  retrying: 'open',
  held: 'held',
  succeeded: 'ended',
  failed: 'ended',
  cancelled: 'ended',
};

export const phaseOf = (status: DeliveryStatus): Phase => PHASES[status];

const inPhase = (...phases: Phase[]): readonly DeliveryStatus[] =>
  STATUSES.filter((status) => phases.includes(PHASES[status]));

export const OPEN = inPhase('open');
export const ENDED = inPhase('ended');
/** What can still be delivered without anybody asking for it. */
export const UNENDED = inPhase('open', 'held');

export interface Transition {
  from: readonly DeliveryStatus[];
  /** null: the status stays, somebody else attends to it. */
  to: DeliveryStatus | null;
}

export const TRANSITIONS = {
  /** Written with its event. */
  accept: { from: [], to: 'pending' },
  /** The same, while its endpoint is disabled. */
  acceptPaused: { from: [], to: 'held' },
  /** An attempt was answered 2xx. That counts whenever it is heard of. */
  succeed: { from: STATUSES, to: 'succeeded' },
  /** An attempt failed and the schedule goes on. Heard of late, it brings nothing back that has ended or is held. */
  postpone: { from: OPEN, to: 'retrying' },
  /** An attempt failed and was the schedule's last, or was answered 410. */
  fail: { from: UNENDED, to: 'failed' },
  /** Its turn has come, and its endpoint is disabled. */
  hold: { from: OPEN, to: 'held' },
  /** The endpoint is enabled again: what was never attempted … */
  release: { from: ['held'], to: 'pending' },
  /** … and what was: it is due at once. */
  resume: { from: ['held'], to: 'retrying' },
  /** Asked for by the API or in Temporal, or its endpoint was deleted. */
  cancel: { from: UNENDED, to: 'cancelled' },
  /** The workflow that carried it is gone: it waits for another. */
  orphan: { from: OPEN, to: null },
  /** `pending` is about to be attempted anyway. Only a success changes the status. */
  retryByHand: { from: ['retrying', ...ENDED], to: null },
} as const satisfies Record<string, Transition>;

/** What an attempt means for its delivery. `unchanged`: one by hand has failed, which changes nothing. */
export type Verdict = 'succeeded' | 'retrying' | 'failed' | 'unchanged';

/** Where a delivery stands once the attempt is in the log. The statement of record-attempts.ts is made from the same table. */
export function settle(current: DeliveryStatus, verdict: Verdict): DeliveryStatus {
  const transition = transitionOf(verdict);
  return transition?.from.includes(current) ? transition.to : current;
}

function transitionOf(verdict: Verdict): { from: readonly DeliveryStatus[]; to: DeliveryStatus } | null {
  switch (verdict) {
    case 'succeeded':
      return TRANSITIONS.succeed;
    case 'retrying':
      return TRANSITIONS.postpone;
    case 'failed':
      return TRANSITIONS.fail;
    case 'unchanged':
      return null;
  }
}
