import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { lowestDeliveryIdAt } from '../ids.ts';
import {
  cancelWorkflowDeliveries,
  orphanDeliveries,
  pendingWorkflows,
  retryingWorkflows,
  type Place,
} from '../store/carried-workflows.ts';
import type { Queryable } from '../store/pool.ts';
import { liveProcesses } from '../store/processes.ts';
import type { Membership } from './membership.ts';

/** What became of a workflow that should be at work. `terminated`: somebody wanted it so. */
export type WorkflowFate = 'running' | 'gone' | 'terminated';

export interface LostWorkflowsDeps {
  db: Queryable;
  membership: Pick<Membership, 'id'>;
  /** Throws while Temporal is away. */
  fateOf(workflowId: string): Promise<WorkflowFate>;
  /** Deliveries wait for another workflow. */
  onFound(): void;
  log: Logger;
}

const LATE_SECONDS = 60;
const PAGE_ROWS = 2_000;
const ASKED_AT_A_TIME = 20;
const GROUP = 200;
/**
 * What is not due yet is looked at, too, a few in each pass. When so many of them are not there, the namespace may be
 * empty: then all are looked at, round and round until all are there. Those that are carried again stand among the others.
 */
const AHEAD_PER_PASS = 20;
const MANY_GONE = 5;
/** So many gone in a row, and of each further group only a few are asked about: the others are gone with them. */
const EMPTIED_AFTER = 100;
/** What was running is not asked about again for a while. */
const BELIEVED_MS = 120_000;
const MAX_BELIEVED = 100_000;
/** A pass that takes longer goes on from where it was in the next. */
const PASS_MS = 8_000;
/** Each worker has a part of the workflows to itself, and another one after this time: it may be cut off from Temporal. */
const TURN_MS = 60_000;

type Believed = Map<string, number>;

/**
 * One pass over the workflows that carry what is open: the late ones, and some of the others. To give deliveries of a
 * workflow that is at work after all to another does no harm: who carries one is decided by its row (adoptDeliveries).
 */
export function createLostWorkflowsPass({ db, membership, fateOf, onFound, log }: LostWorkflowsDeps) {
  /** When each was last found running: when it was late, and before. Being there then says nothing of later. */
  const believedLate: Believed = new Map();
  const believedAhead: Believed = new Map();
  let latePlace: Place | null = null;
  let aheadPlace: Place | null = null;
  let goneInARow = 0;
  /** Of those that were not due, in this walk through all pages. */
  let goneAhead = 0;
  let looksAtAll = false;
  let endsAtMs = 0;

  const isEmptied = () => goneInARow >= EMPTIED_AFTER;
  const isOver = () => performance.now() >= endsAtMs;

  async function pass(): Promise<void> {
    endsAtMs = performance.now() + PASS_MS;
    const isMine = await myPart();
    await lookAtPending(isMine);
    await lookAtLate(isMine);
    await lookAhead(isMine);
  }

  async function myPart(): Promise<(workflowId: string) => boolean> {
    const ids = await liveProcesses(db);
    const rank = ids.indexOf(membership.id ?? -1);
    if (ids.length < 2 || rank < 0) return () => true;
    const turn = (rank + Math.floor(Date.now() / TURN_MS)) % ids.length;
    return (workflowId) => partOf(workflowId) % ids.length === turn;
  }

  async function lookAtPending(isMine: (workflowId: string) => boolean): Promise<void> {
    const before = lowestDeliveryIdAt(new Date(Date.now() - LATE_SECONDS * 1_000));
    for (let after = ''; !isOver();) {
      const page = await pendingWorkflows(db, after, before, PAGE_ROWS);
      await settle(unknownOf(page, believedLate).filter(isMine), believedLate);
      if (page.length < PAGE_ROWS) return;
      after = page.at(-1)!.id;
    }
  }

  /** All of them, in each pass. */
  async function lookAtLate(isMine: (workflowId: string) => boolean): Promise<void> {
    while (!isOver()) {
      const page = await retryingWorkflows(db, latePlace, LATE_SECONDS, PAGE_ROWS);
      const late = page.filter(({ isLate }) => isLate);
      await settle(unknownOf(late, believedLate).filter(isMine), believedLate);
      // What was not looked at in time is looked at in the next pass.
      if (isOver()) return;
      latePlace = late.length < PAGE_ROWS ? null : late.at(-1)!;
      if (latePlace === null) return;
    }
  }

  /** A few in each pass, on from where the last one ended; or all, pass by pass. */
  async function lookAhead(isMine: (workflowId: string) => boolean): Promise<void> {
    let left = AHEAD_PER_PASS;
    while (!isOver()) {
      const page = await retryingWorkflows(db, aheadPlace ?? notLate(), LATE_SECONDS, PAGE_ROWS);
      const unknown = unknownOf(page, believedAhead).filter(isMine);
      for (let from = 0; from < unknown.length && !isOver();) {
        const some = unknown.slice(from, from + (looksAtAll ? GROUP : left));
        from += some.length;
        left -= some.length;
        goneAhead += await settle(some, believedAhead);
        looksAtAll ||= goneAhead >= MANY_GONE;
        if (looksAtAll || left > 0) continue;
        aheadPlace = page.find(({ workflowId }) => workflowId === some.at(-1))!;
        return;
      }
      if (isOver()) return;
      if (page.length < PAGE_ROWS) return endWalk();
      aheadPlace = page.at(-1)!;
    }
  }

  function endWalk(): void {
    looksAtAll = goneAhead >= MANY_GONE;
    goneAhead = 0;
    aheadPlace = null;
  }

  function unknownOf(page: { workflowId: string }[], believed: Believed): string[] {
    const longAgo = performance.now() - BELIEVED_MS;
    const ids = new Set(page.map(({ workflowId }) => workflowId));
    return [...ids].filter((id) => (believed.get(id) ?? -Infinity) < longAgo);
  }

  /** Returns how many are gone. */
  async function settle(workflowIds: string[], believed: Believed): Promise<number> {
    let goneInAll = 0;
    for (let from = 0; from < workflowIds.length && !isOver(); from += GROUP) {
      const group = workflowIds.slice(from, from + GROUP);
      const asked = isEmptied() ? group.slice(0, ASKED_AT_A_TIME) : group;
      const fates = await askAll(asked, believed);
      const of = (fate: WorkflowFate) => asked.filter((_, index) => fates[index] === fate);
      // As many were gone as were asked about: so are those that were not.
      const gone = isEmptied() ? [...of('gone'), ...group.slice(asked.length)] : of('gone');
      goneInAll += gone.length;
      if (gone.length > 0) {
        const deliveries = await orphanDeliveries(db, gone);
        log.warn(
          { workflows: gone.length, deliveries },
          'workflows ended without their deliveries: they get others',
        );
        if (deliveries > 0) onFound();
      }
      const terminated = of('terminated');
      if (terminated.length > 0) {
        await cancelWorkflowDeliveries(db, terminated);
        log.warn(
          { workflows: terminated.length },
          'workflows were ended by an operator: their deliveries are cancelled',
        );
      }
    }
    return goneInAll;
  }

  async function askAll(workflowIds: string[], believed: Believed): Promise<WorkflowFate[]> {
    const fates: WorkflowFate[] = [];
    for (let from = 0; from < workflowIds.length; from += ASKED_AT_A_TIME) {
      const some = workflowIds.slice(from, from + ASKED_AT_A_TIME);
      const found = await Promise.all(some.map((id) => fateOf(id)));
      found.forEach((fate, index) => {
        goneInARow = fate === 'gone' ? goneInARow + 1 : 0;
        if (fate === 'running') believe(some[index]!, believed);
      });
      fates.push(...found);
    }
    return fates;
  }

  function believe(workflowId: string, believed: Believed): void {
    believed.delete(workflowId);
    believed.set(workflowId, performance.now());
    if (believed.size > MAX_BELIEVED) believed.delete(believed.keys().next().value!);
  }

  return pass;
}

const notLate = (): Place => ({
  dueAt: new Date(Date.now() - LATE_SECONDS * 1_000).toISOString(),
  workflowId: '',
});

const partOf = (workflowId: string): number => createHash('md5').update(workflowId).digest().readUInt32BE();
