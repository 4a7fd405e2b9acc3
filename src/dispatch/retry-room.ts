import { SharedRoom } from './shared-room.ts';

/**
 * How many calls for retries may wait here for slots at the gate. Each keeps one of the activities busy that a worker may
 * have at a time, and its heartbeats cost Temporal as much every few seconds as a delivery does. So each tenant's calls
 * may wait as long as they leave room for others'; the rest is asked to come again, and waits in its workflow, where that
 * costs nothing.
 */
export interface RetryRoom {
  begin(): Patience;
}

/** Of one call. */
export interface Patience {
  /**
   * It waits for slots of this tenant's endpoints, with what was due then (Unix ms). Resolves with when to ask again
   * (Unix ms) when it has waited in vain, and must wait elsewhere; of each tenant once for all it has in this call.
   */
  waitFor(tenantId: string, dueAtMs: number): Promise<number>;
  end(): void;
}

/** Fewer than half of the activities a worker may have (src/temporal/worker.ts): the rest is for what is under way. */
const MAX_WAITING_CALLS = 1_000;
/** Alone, a tenant gets nearly half. */
const GREED = 1;
/** Most have their slot by then. */
const PATIENCE_MS = 2_000;
const MIN_DEFERRAL_MS = 60_000;
const MAX_DEFERRAL_MS = 300_000;

export function createRetryRoom(maxWaitingCalls = MAX_WAITING_CALLS, patienceMs = PATIENCE_MS): RetryRoom {
  const room = new SharedRoom(maxWaitingCalls, GREED);
  const waiting = new Map<string, number>();

  function enter(tenantId: string): boolean {
    const held = waiting.get(tenantId) ?? 0;
    if (!room.hasRoomFor(held)) return false;
    room.take();
    waiting.set(tenantId, held + 1);
    return true;
  }

  function leave(tenantId: string): void {
    room.giveBack();
    const left = waiting.get(tenantId)! - 1;
    if (left > 0) waiting.set(tenantId, left);
    else waiting.delete(tenantId);
  }

  return {
    begin() {
      const exhausted = new Map<string, Promise<number>>();
      const timers: NodeJS.Timeout[] = [];
      const entered: string[] = [];
      return {
        waitFor(tenantId, dueAtMs) {
          const known = exhausted.get(tenantId);
          if (known) return known;
          const inVain = new Promise<number>((resolve) => {
            const decide = () => {
              if (enter(tenantId)) entered.push(tenantId);
              else resolve(askAgainAtMs(dueAtMs, Date.now()));
            };
            timers.push(setTimeout(decide, patienceMs));
          });
          exhausted.set(tenantId, inVain);
          return inVain;
        },
        end() {
          timers.forEach(clearTimeout);
          for (const tenantId of entered.splice(0)) leave(tenantId);
        },
      };
    },
  };
}

/** The later it is already, the later: what waits for hours is not asked for a thousand times. Spread, so that they do not come together. */
export function askAgainAtMs(dueAtMs: number, nowMs: number): number {
  const lateMs = Math.min(MAX_DEFERRAL_MS, Math.max(MIN_DEFERRAL_MS, nowMs - dueAtMs));
  return Math.round(nowMs + lateMs * (0.5 + Math.random()));
}
