/** Long work is done in stretches: an activity goes on with it for a while, and its workflow waits in between. */
import { Context } from '@temporalio/activity';
import { setTimeout as delay } from 'node:timers/promises';
import { SharedRoom } from '../src/dispatch/shared-room.ts';

/** What a stretch came to. */
export interface Step {
  /**
   * `changed`: go on at once, or nearly. `idle`: nothing to do for now; look again later, and ever later. `asleep`: until
   * somebody says so. `busy`: this process does too much of this already. `ended`: for good.
   */
  next: 'changed' | 'idle' | 'asleep' | 'busy' | 'ended';
  /** When to look again at the earliest, where that is known. */
  waitMs?: number;
  /** For people. */
  state: string;
  counts: Record<string, number>;
  /** How much the endpoint takes, as far as this stretch has learnt. */
  pressure?: number;
}

export interface Stretch {
  beat(): void;
  /** It has lasted long enough, or this process stops, or it is not ours to do any more. Then return as if it were done. */
  isOver(): boolean;
  /** Until then, or until it is over. */
  sleep(ms: number): Promise<void>;
}

const STRETCH_MS = 20_000;
/** In a process: each takes one of its activities. */
const MAX_AT_ONCE = 32;
/** Alone, a tenant gets about two thirds. */
const GREED = 2;

export function createStretches(maxAtOnce = MAX_AT_ONCE, lastsMs = STRETCH_MS) {
  const room = new SharedRoom(maxAtOnce, GREED);
  const held = new Map<string, number>();

  /** One stretch for a tenant, or none if there is no room for it. */
  async function run(tenantId: string, work: (stretch: Stretch) => Promise<Step>): Promise<Step> {
    const before = held.get(tenantId) ?? 0;
    if (!room.hasRoomFor(before)) return { next: 'busy', state: 'waiting for its turn', counts: {} };
    room.take();
    held.set(tenantId, before + 1);
    try {
      return await work(begin());
    } finally {
      room.giveBack();
      const left = held.get(tenantId)! - 1;
      if (left > 0) held.set(tenantId, left);
      else held.delete(tenantId);
    }
  }

  function begin(): Stretch {
    const context = Context.current();
    const { cancellationSignal: signal } = context;
    const endsAtMs = performance.now() + lastsMs;
    return {
      beat: () => context.heartbeat(),
      isOver: () => signal.aborted || performance.now() > endsAtMs,
      sleep: (ms) => delay(ms, undefined, { signal }).catch(() => {}),
    };
  }

  return { run };
}
