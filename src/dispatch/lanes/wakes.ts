import type { Logger } from 'pino';
import { createBatcher } from '../../batcher.ts';
import { Fifo } from '../../fifo.ts';
import { Round } from '../../round.ts';
import type { LaneId } from '../../store/claim-lane.ts';
import { takeAnyDueLanes, takeDueLanes } from '../../store/due-lanes.ts';
import type { Queryable } from '../../store/pool.ts';
import { wakeLanes } from '../../store/wake-lanes.ts';

/** Wakes the workflows of lanes in which there is something to do and nobody at work. */
export interface LaneWakes {
  /** These may be due. */
  wake(lanes: LaneId[]): void;
  /** Its endpoint was changed: what waits in it may be sent sooner. */
  changed(lane: LaneId): void;
  /** Looks for any that are. */
  look(): Promise<void>;
  stop(): void;
}

export interface LaneWakesDeps {
  db: Queryable;
  /** Throws while Temporal is away; the lane is due again in a while. */
  wake(lane: LaneId): Promise<void>;
  log: Logger;
}

const AT_A_TIME = 100;
const MAX_IN_FLIGHT = 16;
/** With so many waiting to be woken there is no need to look for more. */
const ENOUGH = 500;
const COMPLAIN_EVERY_MS = 60_000;

export function createLaneWakes({ db, wake, log }: LaneWakesDeps): LaneWakes {
  /** Said to be due, and not asked for yet. */
  let named = new Map<string, LaneId>();
  /** To be woken, by tenant: each has its turn. */
  const queued = new Round<LaneId>(
    ({ tenantId }) => tenantId,
    () => new Fifo<LaneId>(),
  );
  let inFlight = 0;
  let taking = false;
  let stopped = false;
  let complainedAtMs = -Infinity;

  const changes = createBatcher<LaneId, null>({
    maxItems: AT_A_TIME,
    concurrency: 1,
    async run(lanes) {
      await wakeLanes(db, lanes);
      wakeNamed(lanes);
      return lanes.map(() => null);
    },
  });

  function add(lanes: LaneId[]): void {
    for (const lane of lanes) queued.push(lane);
    pump();
  }

  function pump(): void {
    while (!stopped && inFlight < MAX_IN_FLIGHT && queued.length > 0) {
      inFlight += 1;
      wake(queued.shift()!)
        .catch(complain)
        .finally(() => {
          inFlight -= 1;
          pump();
        });
    }
  }

  function complain(error: unknown): void {
    if (performance.now() - complainedAtMs < COMPLAIN_EVERY_MS) return;
    complainedAtMs = performance.now();
    log.warn({ err: (error as Error).message }, 'the workflows of lanes cannot be woken; trying on');
  }

  async function takeNamed(): Promise<void> {
    while (named.size > 0 && !stopped) {
      const some = [...named.values()].slice(0, AT_A_TIME);
      for (const { endpointId } of some) named.delete(endpointId);
      add(await takeDueLanes(db, some));
    }
  }

  function wakeNamed(lanes: LaneId[]): void {
    for (const lane of lanes) named.set(lane.endpointId, lane);
    if (taking || named.size === 0) return;
    taking = true;
    takeNamed()
      // What is due is found by looking.
      .catch(() => void (named = new Map()))
      .finally(() => (taking = false));
  }

  return {
    wake: wakeNamed,
    changed(lane) {
      // Not done, it costs time: the workflow has a timer of its own.
      if (!stopped) changes.submit(lane).catch(complain);
    },
    async look() {
      if (queued.length < ENOUGH) add(await takeAnyDueLanes(db, ENOUGH));
    },
    stop() {
      stopped = true;
    },
  };
}
