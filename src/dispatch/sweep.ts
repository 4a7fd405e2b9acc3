import type { Logger } from 'pino';
import { lowestDeliveryIdAt } from '../ids.ts';
import type { Queryable } from '../store/pool.ts';
import type { ReleaseWorkflows, ReplayWorkflows } from '../temporal/long-work.ts';
import { claimedLongAgo, FIRST_CLAIMED, unclaim, type ClaimedDelivery } from '../store/stray-deliveries.ts';
import type { Claimer } from './claimer.ts';
import type { Dispatcher } from './dispatcher.ts';
import { createLostWorkflowsPass, type WorkflowFate } from './lost-workflows.ts';
import type { Membership } from './membership.ts';
import { createReleasePass } from './release-pass.ts';
import { createUnattendedPass } from './unattended-pass.ts';

/**
 * Finds what nobody is attending to: lost by this process, or carried by a workflow that is gone. With the claimer the
 * other half of "Postgres first": whatever dies, these two pick it up.
 */
export interface Sweep {
  start(): void;
  /** A pass that has seen all that was there when it was asked for; resolves at its end. */
  run(): Promise<void>;
  stop(): Promise<void>;
}

export interface SweepDeps {
  db: Queryable;
  membership: Membership;
  dispatcher: Dispatcher;
  claimer: Claimer;
  fateOf(workflowId: string): Promise<WorkflowFate>;
  longWork: ReplayWorkflows & ReleaseWorkflows;
  log: Logger;
}

const PASS_EVERY_MS = 10_000;
const STRAY_AFTER_MS = 15_000;
/** Claims looked at in one go. */
const PAGE = 5_000;

export function createSweep({
  db,
  membership,
  dispatcher,
  claimer,
  fateOf,
  longWork,
  log,
}: SweepDeps): Sweep {
  const releaseHeld = createReleasePass({ db, onReleased: () => claimer.nudge(), log });
  const findLost = createLostWorkflowsPass({
    ...{ db, membership, fateOf, log },
    onFound: () => claimer.nudge(),
  });
  const attend = createUnattendedPass({ db, longWork, log });
  let stopped = false;
  let passing = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  /** Page by page, between claims: what stands in a page is in memory, or lost. */
  async function dropStrays(): Promise<void> {
    const olderThanId = lowestDeliveryIdAt(new Date(Date.now() - STRAY_AFTER_MS));
    for (let after: ClaimedDelivery | null = FIRST_CLAIMED; after && !stopped;) {
      const from: ClaimedDelivery = after;
      after = null;
      await claimer.between(async () => {
        after = await dropStraysAfter(from, olderThanId);
      });
    }
  }

  /** Returns where to go on; null at the end. */
  async function dropStraysAfter(
    after: ClaimedDelivery,
    olderThanId: string,
  ): Promise<ClaimedDelivery | null> {
    const processId = membership.id;
    // It has just lost its number, and with it all that was claimed.
    if (processId === null) return null;
    const claimed = await claimedLongAgo(db, { processId, olderThanId, after, limit: PAGE });
    const strays = claimed.map(({ id }) => id).filter((id) => !dispatcher.holds(id));
    if (strays.length > 0) {
      log.warn({ deliveries: strays.length }, 'found deliveries that had been claimed and lost');
      await unclaim(db, processId, strays);
      claimer.nudge();
    }
    return claimed.length < PAGE ? null : claimed.at(-1)!;
  }

  /** A pass that fails does not keep the other from its turn. */
  async function pass(): Promise<void> {
    for (const step of [dropStrays, releaseHeld, findLost, attend]) {
      if (stopped) return;
      await step().catch((error: unknown) =>
        log.warn({ err: error }, 'the sweep could not finish; it will try again'),
      );
    }
  }

  function begin(): Promise<void> {
    if (!passing) {
      passing = true;
      running = pass().finally(() => (passing = false));
    }
    return running;
  }

  return {
    start() {
      timer = setInterval(() => void begin(), PASS_EVERY_MS);
    },
    run: () => running.then(begin),
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
