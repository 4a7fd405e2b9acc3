import type { Logger } from 'pino';
import { lowestDeliveryIdAt } from '../ids.ts';
import { claimDeliveries } from '../store/claim-deliveries.ts';
import { orphanDeliveries, cancelWorkflowDeliveries } from '../store/delivery-state.ts';
import type { Queryable } from '../store/pool.ts';
import { heartbeat, registerProcess, removeProcesses, staleProcesses } from '../store/processes.ts';
import { claimedLongAgo, overdueWorkflows, unclaim } from '../store/stray-deliveries.ts';
import { jobBytes, type Dispatcher } from './dispatcher.ts';

/** What became of a workflow that should be at work. */
export type WorkflowFate = 'running' | 'gone' | 'terminated';

export interface Sweep {
  /** Gives this process its number, with which what it accepts is claimed. */
  register(): Promise<void>;
  /** Begins to beat, and to claim what waits. */
  start(): void;
  processId(): number | null;
  /** There may be something to claim: look soon. */
  nudge(): void;
  stop(): Promise<void>;
}

export interface SweepDeps {
  db: Queryable;
  /** A connection that nothing else keeps busy: late heartbeats would make this process look dead. */
  heartbeatDb: Queryable;
  role: string;
  dispatcher: Dispatcher;
  fateOf(workflowId: string): Promise<WorkflowFate>;
  log: Logger;
}

const TICK_MS = 1_000;
const HEARTBEAT_MS = 1_000;
const STALE_SECONDS = 3;
/** A stale heartbeat must also stand still before our eyes: after a restart of Postgres all are stale. */
const OBSERVE_MS = 2_500;
const FULL_PASS_EVERY_TICKS = 10;
const STRAY_AFTER_MS = 15_000;
const OVERDUE_SECONDS = 60;
const CLAIM_PER_ENDPOINT = 200;
const CLAIM_LIMIT = 1_000;

/**
 * Finds what nobody is attending to: left in the table for lack of room, held by a process that died, lost by this
 * one, or carried by a workflow that is gone. The other half of "Postgres first": whatever dies, this picks it up.
 */
export function createSweep(deps: SweepDeps): Sweep {
  const { db, dispatcher, log } = deps;
  const observed = new Map<number, { heartbeatAt: string; sinceMs: number }>();
  let processId: number | null = null;
  let stopped = false;
  let ticks = 0;
  let wanted = true;
  let timer: NodeJS.Timeout | undefined;
  let heartbeatTimer: NodeJS.Timeout | undefined;
  let claimQueued = false;
  let running: Promise<void> = Promise.resolve();

  async function tick(): Promise<void> {
    ticks += 1;
    const full = ticks % FULL_PASS_EVERY_TICKS === 0;
    const dead = await findDead();
    if (full) await dropStrays();
    if (wanted || full || dead.length > 0) await claim(dead);
    if (dead.length > 0) await removeProcesses(db, dead);
    if (full) await repairOverdue();
  }

  async function findDead(): Promise<number[]> {
    const now = performance.now();
    const stale = await staleProcesses(db, STALE_SECONDS);
    for (const id of observed.keys()) if (!stale.some((process) => process.id === id)) observed.delete(id);
    const dead: number[] = [];
    for (const { id, heartbeatAt } of stale) {
      const seen = observed.get(id);
      if (seen?.heartbeatAt !== heartbeatAt) observed.set(id, { heartbeatAt, sinceMs: now });
      else if (now - seen.sinceMs >= OBSERVE_MS) dead.push(id);
    }
    return dead;
  }

  async function claim(dead: number[]): Promise<void> {
    wanted = false;
    for (;;) {
      const jobs = await claimDeliveries(db, {
        processId: processId!,
        deadProcessIds: dead,
        perEndpoint: CLAIM_PER_ENDPOINT,
        limit: CLAIM_LIMIT,
        exceptEndpointIds: dispatcher.fullEndpoints(),
      });
      const fresh = jobs.filter((job) => !dispatcher.holds(job.deliveryId));
      if (dead.length > 0 && fresh.length > 0)
        log.info({ deliveries: fresh.length }, 'took over from a dead process');
      dispatcher.dispatch(fresh);
      if (jobs.length === 0 || stopped) return;
      const last = jobs.at(-1)!;
      if (!dispatcher.hasRoom(last.endpointId, jobBytes(last.event.data))) return;
    }
  }

  async function dropStrays(): Promise<void> {
    const before = lowestDeliveryIdAt(new Date(Date.now() - STRAY_AFTER_MS));
    const strays = (await claimedLongAgo(db, processId!, before)).filter((id) => !dispatcher.holds(id));
    if (strays.length === 0) return;
    log.warn({ deliveries: strays.length }, 'found deliveries that had been claimed and lost');
    await unclaim(db, strays);
  }

  async function repairOverdue(): Promise<void> {
    for (const workflowId of await overdueWorkflows(db, OVERDUE_SECONDS)) {
      const fate = await deps.fateOf(workflowId);
      if (fate === 'running') continue;
      log.warn({ workflowId, fate }, 'a workflow ended without its deliveries');
      if (fate === 'terminated') await cancelWorkflowDeliveries(db, workflowId);
      else await orphanDeliveries(db, workflowId);
      wanted = true;
    }
  }

  let beating = false;

  /** By itself, so that a long pass of the sweep does not make this process look dead. */
  async function beat(): Promise<void> {
    if (beating || stopped) return;
    beating = true;
    try {
      if (!(await heartbeat(deps.heartbeatDb, processId!))) {
        log.warn('others took this process for dead: it leaves them what it has not begun');
        dispatcher.disown();
        processId = await registerProcess(deps.heartbeatDb, deps.role);
      }
    } catch (error) {
      log.warn({ err: error }, 'the heartbeat could not be written');
    }
    beating = false;
  }

  let ticking = false;

  function run(): void {
    if (ticking) return;
    ticking = true;
    running = running.then(async () => {
      if (!stopped) {
        await tick().catch((error: unknown) =>
          log.warn({ err: error }, 'the sweep could not finish; it will try again'),
        );
      }
      ticking = false;
    });
  }

  return {
    async register() {
      processId = await registerProcess(db, deps.role);
    },
    start() {
      heartbeatTimer = setInterval(() => void beat(), HEARTBEAT_MS);
      timer = setInterval(run, TICK_MS);
      run();
    },
    processId: () => processId,
    nudge() {
      wanted = true;
      if (claimQueued || stopped || processId === null) return;
      claimQueued = true;
      running = running.then(async () => {
        claimQueued = false;
        // A fault here is no loss: `wanted` is set again, and the next tick looks.
        if (!stopped) await claim([]).catch(() => (wanted = true));
      });
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      clearInterval(heartbeatTimer);
      await running;
      if (processId !== null) await removeProcesses(db, [processId]).catch(() => {});
    },
  };
}
