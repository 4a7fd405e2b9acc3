import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { EndpointChanges } from '../endpoints/changes.ts';
import type { Sender } from '../http/sender.ts';
import { countingStarts, watchDispatch } from '../metrics/count-dispatch.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Profiles } from '../profiles/index.ts';
import type { EndpointCache } from '../store/endpoint-cache.ts';
import { createRenderedBodies } from '../store/rendered-bodies.ts';
import type { Templates } from '../templates/index.ts';
import type { Pool, Queryable } from '../store/pool.ts';
import type { ReleaseWorkflows, ReplayWorkflows } from '../temporal/long-work.ts';
import type { DeliveryWorkflows } from '../temporal/workflows.ts';
import { createAttemptClaims, type AttemptClaims } from './attempt-claims.ts';
import { createAttempts, type Attempts } from './attempts.ts';
import { createBodies } from './bodies.ts';
import { createCarriers, type Carriers } from './carriers.ts';
import { createClaimer, type Claimer } from './claimer.ts';
import { createDispatcher, type Dispatcher } from './dispatcher.ts';
import { createGate, type Gate } from './gate.ts';
import { createGone } from './gone.ts';
import { createAttemptMaker } from './make-attempt.ts';
import { createLanes, type Lanes } from './lanes/index.ts';
import { createMembership, type Membership } from './membership.ts';
import { createPutBack } from './put-back.ts';
import { createRateLimiter, type RateLimiter } from './rate-limiter.ts';
import { createRates } from './rates.ts';
import { createRecorder } from './recorder.ts';
import { createRetryRoom, type RetryRoom } from './retry-room.ts';
import { createSlowDowns, type SlowDowns } from './slow-downs.ts';
import { createSweep, type Sweep } from './sweep.ts';
import { labelOf } from '../endpoint-label.ts';

export interface Dispatch {
  attempts: Attempts;
  claims: AttemptClaims;
  carriers: Carriers;
  dispatcher: Dispatcher;
  gate: Gate;
  limiter: RateLimiter;
  slowDowns: SlowDowns;
  membership: Membership;
  claimer: Claimer;
  sweep: Sweep;
  lanes: Lanes;
  retryRoom: RetryRoom;
  /** Begins to beat, to claim what waits, and to look for what was lost. Register first. */
  start(): void;
  /** Ends all that, and says that this process has ended. */
  stop(): Promise<void>;
  /** Finishes what is under way, for a few seconds; the rest is taken up by others or after the next start. */
  drain(): Promise<void>;
}

export interface DispatchDeps {
  config: Config;
  pool: Pool;
  heartbeatDb: Queryable;
  endpoints: EndpointCache;
  changes: EndpointChanges;
  profiles: Profiles;
  sender: Sender;
  templates: Templates;
  workflows: DeliveryWorkflows;
  longWork: ReplayWorkflows & ReleaseWorkflows;
  metrics: Metrics;
  log: Logger;
}

export const DRAIN_MS = 6_000;
/** All that a process with a worker needs to get deliveries from the table to their endpoints. */
export function createDispatch(deps: DispatchDeps): Dispatch {
  const { config, pool, endpoints, log, metrics, workflows } = deps;
  const strict = config.dispatch === 'strict';
  const gate = createGate(config);
  const limiter = createRateLimiter({ db: pool, log });
  const slowDowns = createSlowDowns({
    ...{ db: pool, endpoints, log },
    onEnd: (endpointId) => claimer.wake(endpointId),
  });
  const rates = createRates({
    ...{ gate, limiter, slowDowns },
    onDelayed: (reason) => metrics.attemptsDelayed.inc({ reason }),
  });
  const recorder = createRecorder(pool, metrics, log, ({ deliveryId, outcome }, written) =>
    attempts.noteLate(deliveryId, outcome.number, written),
  );
  const membership = createMembership({
    db: pool,
    heartbeatDb: deps.heartbeatDb,
    role: config.role,
    onDisowned() {
      metrics.heartbeatsLost.inc();
      return dispatcher.disown();
    },
    log,
  });
  const make = createAttemptMaker({
    endpoints,
    bodies: createBodies(deps.templates, createRenderedBodies(pool)),
    profiles: deps.profiles,
    sender: deps.sender,
    rates,
    recorder,
    gone: createGone((endpoint) => deps.changes.disableGone(endpoint), log),
    fence: membership,
    onAttempt(endpoint, outcome) {
      log.debug(
        { endpointId: endpoint.id, statusCode: outcome.statusCode, durationMs: outcome.durationMs },
        'attempt',
      );
    },
  });
  const claims = createAttemptClaims({ db: pool, membership });
  const attempts = createAttempts(make);
  const carriers = createCarriers({
    start: countingStarts(metrics, (carrier) => workflows.start(carrier)),
    burstSize: strict ? 1 : config.burstSize,
    startsPerSecond: config.workflowStartsPerSecond,
    log,
  });
  const dispatcher = createDispatcher({
    mode: config.dispatch,
    attempts,
    carriers,
    gate,
    endpoints,
    rates,
    db: pool,
    putBack: createPutBack({
      ...{ db: pool, processId: () => membership.id, log },
      onLeft: (waiting) => claimer.left(waiting),
    }),
    onRoom: () => claimer.onRoom(),
    log,
  });
  const claimer = createClaimer({
    ...{ db: pool, membership, dispatcher, log },
    onClaimed: (deliveries) => metrics.claims.inc(deliveries),
  });
  const sweep = createSweep({
    ...{ db: pool, membership, dispatcher, claimer, log, longWork: deps.longWork },
    fateOf: (workflowId) => workflows.fateOf(workflowId),
  });
  const retryRoom = createRetryRoom();
  const lanes = createLanes({
    ...{ db: pool, attempts, retryRoom, gate, membership, log },
    async wake(lane) {
      const endpoint = await endpoints.get(lane.tenantId, lane.endpointId);
      await workflows.wakeLane({ ...lane, label: endpoint && labelOf(endpoint) });
    },
  });
  watchDispatch(metrics, { gate, dispatcher, carriers });

  return {
    attempts,
    claims,
    carriers,
    dispatcher,
    gate,
    limiter,
    slowDowns,
    membership,
    claimer,
    sweep,
    lanes,
    retryRoom,
    start() {
      membership.start();
      claimer.start();
      sweep.start();
      lanes.start();
    },
    async stop() {
      await Promise.all([claimer.stop(), sweep.stop(), lanes.stop()]);
      await membership.stop();
    },
    async drain() {
      const done = Promise.all([lanes.stop(), dispatcher.drain()])
        .then(() => carriers.idle())
        .then(() => recorder.idle());
      await Promise.race([done, new Promise((resolve) => setTimeout(resolve, DRAIN_MS).unref())]);
    },
  };
}
