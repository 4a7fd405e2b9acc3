import { Context } from '@temporalio/activity';
import type { Lanes } from '../src/dispatch/lanes/index.ts';
import { addTally, NO_TALLY, type LaneOrder, type LaneRun, type LaneTally } from '../src/lane-run.ts';

export interface LaneActivities {
  /** Delivers what can be delivered of a lane, in its order. */
  runLane(order: LaneOrder): Promise<LaneRun>;
}

const HEARTBEAT_MS = 1_000;

export function createLaneActivities({ lanes }: { lanes: Lanes }): LaneActivities {
  return {
    async runLane(order) {
      const context = Context.current();
      // What an earlier try had done before its process ended.
      const before = { ...NO_TALLY, ...(context.info.heartbeatDetails as Partial<LaneTally> | undefined) };
      let tally = before;
      const timer = setInterval(() => context.heartbeat(tally), HEARTBEAT_MS);
      const onProgress = (now: LaneTally) => void (tally = addTally(before, now));
      try {
        const run = await lanes.work(order, { cancelled: context.cancellationSignal, onProgress });
        return { ...run, tally: addTally(before, run.tally) };
      } finally {
        clearInterval(timer);
      }
    },
  };
}
