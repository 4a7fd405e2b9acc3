import { Context } from '@temporalio/activity';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attempts } from '../src/dispatch/attempts.ts';
import type { AttemptOutcome, Outcome } from '../src/outcome.ts';
import { adoptDeliveries, holdDeliveries } from '../src/store/delivery-state.ts';
import type { EndpointCache } from '../src/store/endpoint-cache.ts';
import { loadDeliveries, type LoadedDelivery } from '../src/store/load-deliveries.ts';
import type { Queryable } from '../src/store/pool.ts';
import { toWire, type AttemptInput, type AttemptOrder, type AttemptResult } from './types.ts';

export interface AttemptActivityDeps {
  attempts: Attempts;
  endpoints: EndpointCache;
  db: Queryable;
  processId(): number | null;
}

const HEARTBEAT_MS = 2_000;
const POLL_MS = 300;

/**
 * Attempts deliveries for the workflow that calls it. An attempt that is under way or was made here is joined, one
 * that is recorded is returned, one that another live process makes is waited for; else it is made now.
 */
export function createAttemptActivity(deps: AttemptActivityDeps) {
  return async function attempt(input: AttemptInput): Promise<AttemptResult> {
    const info = Context.current().info;
    const workflowId = info.workflowExecution!.workflowId;
    const beat = info.isLocal ? undefined : setInterval(() => Context.current().heartbeat(), HEARTBEAT_MS);
    try {
      const outcomes = await attemptAll(deps, workflowId, input);
      return toWire(outcomes);
    } finally {
      clearInterval(beat);
    }
  };
}

async function attemptAll(
  deps: AttemptActivityDeps,
  workflowId: string,
  input: AttemptInput,
): Promise<Outcome[]> {
  const found = input.orders.map((order) =>
    order.waiting
      ? Promise.resolve<Outcome>({ kind: 'waiting' })
      : deps.attempts.find(order.id, order.number),
  );
  const toLoad = input.orders.filter((_, index) => !found[index]);
  const loaded = toLoad.length > 0 ? await load(deps.db, toLoad) : new Map<string, LoadedDelivery>();
  const outcomes = await Promise.all(
    input.orders.map((order, index) => found[index] ?? decide(deps, workflowId, order, loaded.get(order.id))),
  );
  if (input.first) await adopt(deps.db, workflowId, input.orders, outcomes);
  const held = input.orders.filter((_, index) => outcomes[index]!.kind === 'held').map((order) => order.id);
  if (held.length > 0) await holdDeliveries(deps.db, held);
  for (const order of input.orders) deps.attempts.forget(order.id, order.number);
  return outcomes;
}

function load(db: Queryable, orders: AttemptOrder[]): Promise<Map<string, LoadedDelivery>> {
  return loadDeliveries(
    db,
    orders.map((order) => ({ deliveryId: order.id, number: order.number })),
  );
}

async function decide(
  deps: AttemptActivityDeps,
  workflowId: string,
  order: AttemptOrder,
  delivery: LoadedDelivery | undefined,
): Promise<Outcome> {
  if (!delivery) return { kind: 'missing' };
  const { job } = delivery;
  if (delivery.recorded) return outcomeFromLog(deps.endpoints, delivery);
  if (!order.manual) {
    if (job.status === 'cancelled' || job.status === 'held') return { kind: job.status };
    if (delivery.workflowId !== null && delivery.workflowId !== workflowId) return { kind: 'foreign' };
    if (madeElsewhere(deps, delivery, order)) {
      await sleep(POLL_MS);
      return decide(deps, workflowId, order, (await load(deps.db, [order])).get(order.id));
    }
  }
  return deps.attempts.run({
    job: { ...job, number: order.number },
    trigger: order.manual ? 'manual' : job.trigger,
    chooseWorkflow: () => workflowId,
  });
}

/** A first attempt that another live process holds: its record comes, or its heartbeat ends. */
function madeElsewhere(deps: AttemptActivityDeps, delivery: LoadedDelivery, order: AttemptOrder): boolean {
  const claimed = delivery.claimedBy !== null && delivery.claimedBy !== deps.processId();
  return claimed && order.number === 1 && delivery.workflowId === null;
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
    gone: attempt.statusCode === 410,
    recorded: true,
    schedule: endpoint?.schedule ?? { delaysSeconds: [0], maxRetries: 0, jitter: 0 },
  };
}

const wasRecorded = (outcome: Outcome): boolean => outcome.kind === 'attempt' && outcome.recorded;

/**
 * Notes this workflow on what it will go on carrying, and on what it has yet to write to the log. What another was
 * first to note is that one's.
 */
async function adopt(
  db: Queryable,
  workflowId: string,
  orders: AttemptOrder[],
  outcomes: Outcome[],
): Promise<void> {
  const goesOn = (outcome: Outcome) =>
    outcome.kind === 'waiting' ||
    (outcome.kind === 'attempt' && (!outcome.recorded || (!outcome.succeeded && !outcome.gone)));
  const ids = orders.filter((_, index) => goesOn(outcomes[index]!)).map((order) => order.id);
  if (ids.length === 0) return;
  const ours = await adoptDeliveries(db, workflowId, ids);
  orders.forEach((order, index) => {
    const outcome = outcomes[index]!;
    if (!goesOn(outcome)) return;
    if (!ours.has(order.id)) outcomes[index] = { kind: 'foreign' };
    // Cancelled after its attempt and before this workflow could be told.
    else if (ours.get(order.id) === 'cancelled' && (outcome.kind === 'waiting' || wasRecorded(outcome)))
      outcomes[index] = { kind: 'cancelled' };
  });
}
