import type { Logger } from 'pino';
import { elapsedMs, moment, type Moment } from '../moment.ts';
import type { Queryable } from '../store/pool.ts';
import { heartbeat, registerProcess, removeProcesses, staleProcesses } from '../store/processes.ts';

/** This process among its like: the number with which it claims, its heartbeat, and who of the others is dead. */
export interface Membership extends Fence {
  /** What deliveries are claimed with; null before it is registered, and while it has lost its number. */
  readonly id: number | null;
  /** Gives this process its number. */
  register(): Promise<void>;
  /** Begins to beat. */
  start(): void;
  /** Processes whose heartbeat has stopped. Ask about every second: a heartbeat is watched over several calls. */
  findDead(): Promise<number[]>;
  /** They are dead, and what they held has been seen to: what is left is anyone's. */
  remove(processIds: number[]): Promise<void>;
  /** Says that this process has ended. */
  stop(): Promise<void>;
}

/**
 * Stands before whatever must not be done twice. A process that was held up, or cut off from Postgres, does not notice:
 * others may have taken over what it holds. So it acts only while its last heartbeat is too young for anyone to think so.
 */
export interface Fence {
  /** True while nobody can have taken this process for dead. */
  isCertain(): boolean;
  /** Waits until that is so again: either it was not, or all it held has been disowned by then. */
  certain(): Promise<void>;
}

export interface MembershipDeps {
  /** A connection that nothing else keeps busy: late heartbeats would make this process look dead. */
  heartbeatDb: Queryable;
  db: Queryable;
  role: string;
  /** Others took this process for dead: what it has not begun is theirs. Returns how many deliveries that are. */
  onDisowned(): number;
  log: Logger;
}

export const HEARTBEAT_MS = 300;
export const STALE_MS = 3_000;
/** A stale heartbeat must also stand still before our eyes: after a restart of Postgres all are stale. */
export const OBSERVE_MS = 2_500;
/**
 * So long after it was sent, a heartbeat that was answered counts. Far below STALE_MS: what is sent after a cut, and
 * cannot be recorded, will be sent again by whoever takes over. Whoever is uncertain asks at once, so where Postgres
 * answers, a heartbeat that came late costs a round trip.
 */
export const CERTAIN_MS = 750;
/** An uncertainty that is worth a line in the log. */
const NOTEWORTHY_MS = 1_500;

export function createMembership(deps: MembershipDeps): Membership {
  const { db, heartbeatDb, log } = deps;
  const observed = new Map<number, { heartbeatAt: string; sinceMs: number }>();
  let id: number | null = null;
  let confirmedAt: Moment | null = null;
  let waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  let beating = false;
  let stopped = false;

  const isCertain = () => confirmedAt !== null && elapsedMs(confirmedAt) < CERTAIN_MS;

  function confirm(sentAt: Moment): void {
    confirmedAt = sentAt;
    if (!isCertain()) return;
    const goOn = waiting;
    waiting = [];
    for (const wake of goOn) wake();
  }

  async function register(): Promise<void> {
    const sentAt = moment();
    id = await registerProcess(heartbeatDb, deps.role);
    confirm(sentAt);
  }

  function disown(): void {
    id = null;
    const heldUpMs = confirmedAt && Math.round(elapsedMs(confirmedAt));
    confirmedAt = null;
    const deliveries = deps.onDisowned();
    log.warn(
      { heldUpMs, deliveries },
      'others took this process for dead: it leaves them what it has not begun',
    );
  }

  async function beat(): Promise<void> {
    if (beating || stopped) return;
    beating = true;
    try {
      const sentAt = moment();
      if (id !== null && (await heartbeat(heartbeatDb, id))) {
        const silentMs = confirmedAt ? Math.round(elapsedMs(confirmedAt)) : 0;
        if (silentMs >= NOTEWORTHY_MS)
          log.warn({ silentMs }, 'this process could not show that it lives: meanwhile it began no attempt');
        confirm(sentAt);
      } else {
        if (id !== null) disown();
        await register();
      }
    } catch (error) {
      log.warn({ err: error }, 'the heartbeat could not be written');
    }
    beating = false;
  }

  return {
    get id() {
      return id;
    },
    isCertain,
    certain() {
      if (isCertain()) return Promise.resolve();
      void beat();
      return new Promise((resolve) => waiting.push(resolve));
    },
    register,
    start() {
      timer = setInterval(() => void beat(), HEARTBEAT_MS);
    },
    async findDead() {
      const now = performance.now();
      const stale = await staleProcesses(db, STALE_MS / 1_000);
      for (const seen of observed.keys())
        if (!stale.some((process) => process.id === seen)) observed.delete(seen);
      const dead: number[] = [];
      for (const { id: other, heartbeatAt } of stale) {
        if (other === id) continue;
        const seen = observed.get(other);
        if (seen?.heartbeatAt !== heartbeatAt) observed.set(other, { heartbeatAt, sinceMs: now });
        else if (now - seen.sinceMs >= OBSERVE_MS) dead.push(other);
      }
      return dead;
    },
    remove: (processIds) => removeProcesses(db, processIds),
    async stop() {
      stopped = true;
      clearInterval(timer);
      if (id !== null) await removeProcesses(db, [id]).catch(() => {});
    },
  };
}
