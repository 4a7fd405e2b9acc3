/** The load generator, in a process of its own: one loop at a time. */
import { serve } from '../rpc.ts';
import { sleep } from '../clock.ts';
import { startClosedLoop, type ClosedLoop, type RunningLoop } from './closed-loop.ts';
import { runOpenLoop, type OpenLoop } from './open-loop.ts';

let running: RunningLoop | null = null;

const handlers = {
  closedLoop(options: ClosedLoop) {
    running = startClosedLoop(options);
    return running.done;
  },
  openLoop: (options: OpenLoop) => runOpenLoop(options),
  /** Resolves when the running closed loop has `count` events accepted, or after `limitMs`. */
  async untilAccepted({ count, limitMs }: { count: number; limitMs: number }): Promise<number> {
    const endMs = Date.now() + limitMs;
    while ((running?.accepted() ?? 0) < count && Date.now() < endMs) await sleep(5);
    return running?.accepted() ?? 0;
  },
};

export type LoadHandlers = typeof handlers;

serve(handlers);
