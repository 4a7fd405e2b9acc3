import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Sender } from '../http/sender.ts';
import type { Profiles } from '../profiles/index.ts';
import type { EndpointCache } from '../store/endpoint-cache.ts';
import type { EndpointStore } from '../store/endpoints.ts';
import type { Pool, Queryable } from '../store/pool.ts';
import type { DeliveryWorkflows } from '../temporal/workflows.ts';
import { createAttempts, type Attempts } from './attempts.ts';
import { createCarriers, type Carriers } from './carriers.ts';
import { createDispatcher, type Dispatcher } from './dispatcher.ts';
import { createGate, type Gate } from './gate.ts';
import { createAttemptMaker } from './make-attempt.ts';
import { createRecorder } from './recorder.ts';
import { createSweep, type Sweep } from './sweep.ts';

export interface Dispatch {
  attempts: Attempts;
  carriers: Carriers;
  dispatcher: Dispatcher;
  gate: Gate;
  sweep: Sweep;
  /** Finishes what is under way, for a few seconds; the rest is taken up by others or after the next start. */
  drain(): Promise<void>;
}

export interface DispatchDeps {
  config: Config;
  pool: Pool;
  heartbeatDb: Queryable;
  endpoints: EndpointCache;
  endpointStore: EndpointStore;
  profiles: Profiles;
  sender: Sender;
  workflows: DeliveryWorkflows;
  log: Logger;
}

const DRAIN_MS = 6_000;
/** All that a process with a worker needs to get deliveries from the table to their endpoints. */
export function createDispatch(deps: DispatchDeps): Dispatch {
  const { config, pool, endpoints, log, workflows } = deps;
  const strict = config.dispatch === 'strict';
  const gate = createGate(config);
  const recorder = createRecorder(pool, log);
  const make = createAttemptMaker({
    endpoints,
    profiles: deps.profiles,
    sender: deps.sender,
    gate,
    recorder,
    async disableEndpoint(tenantId, endpointId, reason) {
      await deps.endpointStore.update(tenantId, endpointId, { enabled: false, disabled_reason: reason });
      endpoints.drop(tenantId);
    },
    onAttempt(endpoint, outcome) {
      log.debug(
        { endpointId: endpoint.id, statusCode: outcome.statusCode, durationMs: outcome.durationMs },
        'attempt',
      );
    },
    log,
  });
  const attempts = createAttempts(make);
  const carriers = createCarriers({
    start: (carrier) => workflows.start(carrier),
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
    db: pool,
    onRoom: () => sweep.nudge(),
    log,
  });
  const sweep = createSweep({
    db: pool,
    heartbeatDb: deps.heartbeatDb,
    role: config.role,
    dispatcher,
    fateOf: (workflowId) => workflows.fateOf(workflowId),
    log,
  });

  return {
    attempts,
    carriers,
    dispatcher,
    gate,
    sweep,
    async drain() {
      const done = dispatcher
        .drain()
        .then(() => carriers.idle())
        .then(() => recorder.idle());
      await Promise.race([done, new Promise((resolve) => setTimeout(resolve, DRAIN_MS).unref())]);
    },
  };
}
