/** The activities of a delivery workflow: rounds of attempts, and what is written beside them. */
import {
  CancellationScope,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities, AttemptInput, AttemptResult, UnrecordedAttempt } from '../activities/types.ts';
import { fromWire } from '../activities/types.ts';
import { finishedAtMs } from '../src/outcome.ts';
import { attemptSummary } from './details.ts';
import type { Flight } from './flight.ts';
import { applyOutcome, askForManual, orderFor, putOffManual, type Member } from './members.ts';

export interface Rounds {
  /** Takes over what nobody has heard of in this workflow: mostly attempts that were made ahead. */
  first(group: Member[]): Promise<void>;
  /** Attempts by an activity; `changed` is set when it is over. */
  launch(group: Member[]): void;
  /** Notes in Postgres that these were cancelled. */
  noteCancelled(ids: string[]): void;
  /** Nothing is under way, and all is written. */
  isQuiet(): boolean;
  /** What the attempts report may be later than the workflow's clock: by a moment, or theirs is wrong. */
  nowMs(): number;
  /** Throws what an activity failed with for good. */
  throwFault(): void;
}

/** Attempts return what the receiver did; what fails here is ours (database away, process gone), so: again. */
const OURS_TO_RETRY = {
  initialInterval: '1 second',
  backoffCoefficient: 2,
  maximumInterval: '1 minute',
} as const;

/** The first round is in the same process and usually made already: no task queue, no waiting. */
const local = proxyLocalActivities<Activities>({ startToCloseTimeout: '10 minutes', retry: OURS_TO_RETRY });

/** One call of the activity, `about` these. */
type Attempt = (input: AttemptInput, about: Member[]) => Promise<AttemptResult>;

/** A worker's clock that is wrong by more must not make all that is due meanwhile due at once. */
const MAX_AHEAD_MS = 3_000;

export function createRounds(flight: Flight): Rounds {
  const remote = proxyActivities<Activities>({
    taskQueue: `${workflowInfo().taskQueue}-attempts`,
    startToCloseTimeout: '6 hours',
    heartbeatTimeout: '10 seconds',
    retry: OURS_TO_RETRY,
  });
  const unwritten: UnrecordedAttempt[] = [];
  let writing = false;
  let underWay = 0;
  let knownMs = 0;
  let fault: unknown;

  async function round(group: Member[], attempt: Attempt, first: boolean): Promise<void> {
    const orders = group.map((member) => {
      const order = orderFor(member);
      if (first && member.dueAtMs !== null && member.dueAtMs > 0 && !member.manual) order.waiting = true;
      else member.manual = false;
      member.busy = true;
      return order;
    });
    await follow(group, first ? { orders, first } : { orders }, attempt);
  }

  /** Until all of them are over: what is known earlier goes on meanwhile. */
  async function follow(group: Member[], input: AttemptInput, attempt: Attempt): Promise<void> {
    const result = await attempt(input, group);
    const underWay: number[] = [];
    fromWire(result).forEach((outcome, index) => {
      if (outcome.kind === 'underWay') return void underWay.push(index);
      const member = group[index]!;
      member.busy = false;
      if (outcome.kind === 'attempt') knownMs = Math.max(knownMs, finishedAtMs(outcome));
      if (outcome.kind === 'deferred' && input.orders[index]!.manual) putOffManual(member, outcome.untilMs);
      else {
        const left = applyOutcome(member, outcome);
        if (left) unwritten.push(left);
      }
      if (member.early !== null) askForManual(member, member.early);
      member.early = null;
    });
    write();
    if (underWay.length === 0) return;
    flight.changed = true;
    const orders = underWay.map((index) => input.orders[index]!);
    const rest = underWay.map((index) => group[index]!);
    await follow(rest, { ...input, orders }, attempt);
  }

  /** Beside the schedule, which waits for no log; one at a time, so that rows come in the order of the attempts. */
  function write(): void {
    if (writing || unwritten.length === 0) return;
    writing = true;
    const attempts = unwritten.splice(0);
    beside(() =>
      remote
        .recordAttempts({ attempts })
        .finally(() => (writing = false))
        .then(write),
    );
  }

  /** Also when the workflow is cancelled meanwhile: what happened is written. */
  function beside(work: () => Promise<void>): void {
    track(CancellationScope.nonCancellable(work));
  }

  function track(work: Promise<void>): void {
    underWay += 1;
    work
      .catch((error: unknown) => (fault ??= error))
      .finally(() => {
        underWay -= 1;
        flight.changed = true;
      });
  }

  return {
    first: (group) =>
      round(
        group,
        (input, about) => local.attempt.executeWithOptions({ summary: attemptSummary(about) }, [input]),
        true,
      ),
    launch(group) {
      const attempt: Attempt = (input, about) =>
        remote.attempt.executeWithOptions({ summary: attemptSummary(about) }, [input]);
      track(round(group, attempt, false));
    },
    noteCancelled: (ids) => beside(() => remote.cancelDeliveries({ ids })),
    isQuiet: () => underWay === 0,
    nowMs: () => Math.max(Date.now(), Math.min(knownMs, Date.now() + MAX_AHEAD_MS)),
    throwFault() {
      if (fault && !isCancellation(fault)) throw fault;
    },
  };
}
