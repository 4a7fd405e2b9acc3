/** What a lane's workflow and the process that works through the lane say to each other. Pure: workflow code imports it. */
import type { UnrecordedAttempt } from '../activities/types.ts';

export interface LaneOrder {
  tenantId: string;
  endpointId: string;
  /** Waiting heads that a person wants attempted now. */
  manual: string[];
  /** Deliveries of the lane that a person has cancelled. */
  cancelled: string[];
}

/** How many ended how, and how many attempts failed. */
export interface LaneTally {
  succeeded: number;
  failed: number;
  cancelled: number;
  held: number;
  failedAttempts: number;
}

/** A head that waits, and all of its key behind it. */
export interface LaneWait {
  key: string;
  deliveryId: string;
  attempts: number;
  /** Unix ms; null: until it is released. */
  dueAtMs: number | null;
}

/** An attempt that failed, for whoever reads the history. */
export interface LaneFailure {
  deliveryId: string;
  number: number;
  /** Unix ms. */
  atMs: number;
  statusCode: number | null;
  message: string | null;
}

export interface LaneRun {
  tally: LaneTally;
  /** There is more to do now. */
  more: boolean;
  /** Retries by hand that it did not come to. */
  manual: string[];
  /** When the next head is due (Unix ms); null: none waits for a time. */
  nextDueAtMs: number | null;
  /** Heads that wait, and the first of them. */
  waiting: number;
  waits: LaneWait[];
  /** The last of this run. */
  failures: LaneFailure[];
  /** Attempts whose rows could not be written. Nothing goes on before they are. */
  unrecorded: UnrecordedAttempt[];
}

export const NO_TALLY: LaneTally = { succeeded: 0, failed: 0, cancelled: 0, held: 0, failedAttempts: 0 };

export function addTally(total: LaneTally, more: LaneTally): LaneTally {
  const names = Object.keys(NO_TALLY) as (keyof LaneTally)[];
  return Object.fromEntries(
    names.map((name) => [name, (total[name] ?? 0) + (more[name] ?? 0)]),
  ) as unknown as LaneTally;
}
