import { Context } from '@temporalio/activity';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AttemptClaims } from '../src/dispatch/attempt-claims.ts';
import type { Attempts } from '../src/dispatch/attempts.ts';
import type { Patience, RetryRoom } from '../src/dispatch/retry-room.ts';
import { isGone, type AttemptOutcome, type Outcome } from '../src/outcome.ts';
import type { EndpointCache } from '../src/store/endpoint-cache.ts';
import type { LoadedDelivery } from '../src/store/load-deliveries.ts';
import type { Queryable } from '../src/store/pool.ts';
import { createGathering, type Gathering } from './gathering.ts';
import { noteOutcomes } from './note-outcomes.ts';
import { toWire, type AttemptInput, type AttemptOrder, type AttemptResult } from './types.ts';

export interface AttemptActivityDeps {
  retryRoom: RetryRoom;
  attempts: Attempts;
  claims: AttemptClaims;
  endpoints: EndpointCache;
  db: Queryable;
}

/** Temporal's SDK passes on one in eight seconds, for a time-out of ten (workflows/rounds.ts). */
const HEARTBEAT_MS = 4_000;
const POLL_MS = 300;

/**
 * Attempts deliveries for the workflow that calls it. An attempt that is under way or was made here is joined, one
 * that is recorded is returned, one that another live process makes is waited for; else it is claimed and made now.
 * It comes back when what some of them came to is wanted (gathering.ts), and says of the rest that they are under way.
 */
export function createAttemptActivity(deps: AttemptActivityDeps) {
  return async function attempt(input: AttemptInput): Promise<AttemptResult> {
    const { info, cancellationSignal } = Context.current();
    const workflowId = info.workflowExecution!.workflowId;
    const beat = info.isLocal ? undefined : setInterval(() => Context.current().heartbeat(), HEARTBEAT_MS);
    const patient = waitsToTheEnd(input);
    const patience = patient ? null : deps.retryRoom.begin();
    const gathering = patient || input.orders.length === 1 ? null : createGathering();
    try {
      const caller = { workflowId, cancelled: cancellationSignal, patience, gathering };
      return toWire(await attemptAll(deps, caller, input));
    } finally {
      patience?.end();
      gathering?.end();
      clearInterval(beat);
    }
  };
}

/** What was asked for by hand, and a first round, whose attempts were made ahead. */
const waitsToTheEnd = ({ first, orders }: AttemptInput): boolean =>
  first === true || orders.some((order) => order.manual);

interface Caller {
  workflowId: string;
  /** Temporal has given the task to another worker, or the workflow is cancelled. */
  cancelled: AbortSignal;
  /** Null: it waits as long as it takes. */
  patience: Patience | null;
  /** Null: it comes back when all are over. */
  gathering: Gathering | null;
}

async function attemptAll(
  deps: AttemptActivityDeps,
  caller: Caller,
  input: AttemptInput,
): Promise<Outcome[]> {
  const { gathering } = caller;
  const outcomes = await Promise.all(
    input.orders.map(async (order) => {
      const outcome = await settle(deps, caller, order);
      gathering?.add(order, outcome);
      return outcome;
    }),
  );
  await noteOutcomes(deps.db, caller.workflowId, input, outcomes);
  input.orders.forEach(({ id, number }, index) => {
    const { kind } = outcomes[index]!;
    // What is deferred keeps its place at the gate for when it is asked for again.
    if (kind !== 'deferred' && kind !== 'underWay') deps.attempts.forget(id, number);
  });
  return outcomes;
}

/** Asks until the attempt's outcome is known: made here, or by another process that has claimed it and lives. */
async function settle(deps: AttemptActivityDeps, caller: Caller, order: AttemptOrder): Promise<Outcome> {
  if (order.waiting) return { kind: 'waiting' };
  const { attempts, claims, endpoints } = deps;
  for (;;) {
    caller.cancelled.throwIfAborted();
    const present = attempts.find(order.id, order.number);
    if (present) {
      const outcome = await beforeCallEnds(caller, present);
      if (outcome.kind !== 'foreign') return outcome;
      // Given up before it had begun: whoever may make it now is told by its claim.
      if (attempts.find(order.id, order.number) === present) attempts.forget(order.id, order.number);
      continue;
    }
    const request = {
      deliveryId: order.id,
      number: order.number,
      manual: order.manual ?? false,
      workflowId: caller.workflowId,
    };
    const delivery = await claims.claim(request);
    if (!delivery) return { kind: 'missing' };
    if (delivery.mine) {
      const attempt = inPatience(deps, caller, order, delivery, make(deps, caller, order, delivery));
      claims.releaseUnlessMade(request, attempt);
      const outcome = await beforeCallEnds(caller, attempt);
      if (outcome.kind !== 'foreign') return outcome;
      continue;
    }
    const { job, recorded, workflowId } = delivery;
    if (recorded) return outcomeFromLog(endpoints, delivery);
    if (!order.manual) {
      if (job.status === 'cancelled' || job.status === 'held') return { kind: job.status };
      if (workflowId !== null && workflowId !== caller.workflowId) return { kind: 'foreign' };
    }
    if (caller.gathering?.isOver()) return { kind: 'underWay' };
    await sleep(POLL_MS);
  }
}

/** Waits for the attempt, unless it has to make room before it has begun, or its call ends before that. */
async function inPatience(
  { attempts }: AttemptActivityDeps,
  { patience, gathering }: Caller,
  order: AttemptOrder,
  { job: { event, nextAttemptAtMs } }: LoadedDelivery,
  attempt: Promise<Outcome>,
): Promise<Outcome> {
  if (!patience) return attempt;
  const inVain: Promise<Outcome>[] = [
    patience
      .waitFor(event.tenantId, nextAttemptAtMs ?? Date.now())
      .then((untilMs) => ({ kind: 'deferred', untilMs })),
  ];
  if (gathering) inVain.push(gathering.over);
  const first = await Promise.race([attempt, ...inVain]);
  const waits = first.kind === 'deferred' || first.kind === 'underWay';
  return waits && !attempts.giveUp(order.id, order.number) ? attempt : first;
}

/** What is under way when the call has gathered enough goes on without it. */
function beforeCallEnds({ gathering }: Caller, attempt: Promise<Outcome>): Promise<Outcome> {
  return gathering ? Promise.race([attempt, gathering.over]) : attempt;
}

/** Under way from here on: {@link settle} finds it. */
function make(
  { attempts }: AttemptActivityDeps,
  { workflowId, cancelled }: Caller,
  order: AttemptOrder,
  { job }: LoadedDelivery,
): Promise<Outcome> {
  const outcome = attempts.run({
    job: { ...job, number: order.number },
    trigger: order.manual ? 'manual' : job.trigger,
    chooseWorkflow: () => workflowId,
  });
  const giveUp = () => void attempts.giveUp(order.id, order.number);
  cancelled.addEventListener('abort', giveUp);
  const done = () => cancelled.removeEventListener('abort', giveUp);
  outcome.then(done, done);
  return outcome;
}

async function outcomeFromLog(
  endpoints: EndpointCache,
  { job, recorded }: LoadedDelivery,
): Promise<AttemptOutcome> {
  const attempt = recorded!;
  const endpoint = await endpoints.get(job.event.tenantId, job.endpointId);
  return {
    kind: 'attempt',
    ...attempt,
    succeeded: attempt.errorClass === null,
    gone: isGone(attempt.statusCode),
    recorded: true,
    schedule: endpoint?.schedule ?? { delaysSeconds: [0], maxRetries: 0, jitter: 0 },
  };
}
