import type { Pool } from '../src/store/pool.ts';
import { stepRelease, type Released } from '../src/store/releases.ts';
import { createStretches, type Step, type Stretch } from './stretch.ts';

export interface ReleaseInput {
  tenantId: string;
  endpointId: string;
}

export interface ReleaseActivities {
  /** Goes on releasing, or discarding, what an endpoint holds. */
  carryRelease(input: ReleaseInput): Promise<Step>;
}

/** Steps follow one another so soon. */
const TICK_MS = 250;

export function createReleaseActivities({ db }: { db: Pool }): ReleaseActivities {
  const stretches = createStretches();

  async function letGo(stretch: Stretch, { tenantId, endpointId }: ReleaseInput): Promise<Step> {
    for (;;) {
      const tickEndsMs = performance.now() + TICK_MS;
      const released = await stepRelease(db, tenantId, endpointId);
      stretch.beat();
      if (released.isOver || stretch.isOver()) return stepOf(released);
      // What is not due for long is a matter for the workflow's timer.
      if (released.nextInMs > 5_000) return { ...stepOf(released), next: 'idle', waitMs: released.nextInMs };
      if (released.kind === 'deliver')
        await stretch.sleep(Math.max(tickEndsMs - performance.now(), released.nextInMs));
    }
  }

  return {
    carryRelease: (input) => stretches.run(input.tenantId, (stretch) => letGo(stretch, input)),
  };
}

function stepOf({ isOver, kind, released }: Released): Step {
  const counts: Record<string, number> =
    kind === null ? {} : { [kind === 'deliver' ? 'released' : 'discarded']: released };
  if (isOver) return { next: 'ended', state: kind === null ? 'stopped' : 'done', counts };
  return { next: 'changed', state: 'running', counts };
}
