import type { AttemptTrigger, DeliveryStatus, EventRecord } from '../domain.ts';

/** A delivery with all that its next attempt needs, except the endpoint (which is looked up when it starts). */
export interface Job {
  deliveryId: string;
  endpointId: string;
  event: EventRecord;
  /** The number the next attempt will have. */
  number: number;
  trigger: AttemptTrigger;
  /** Attempts that have used up a step of the schedule. */
  scheduledCount: number;
  status: DeliveryStatus;
  /** What its attempts have sent so far: the profile's body, or one that was rendered. Without: nothing yet. */
  body?: 'plain' | 'rendered' | undefined;
  /** Set when it failed before and no workflow carries it: Unix ms of its next attempt. */
  nextAttemptAtMs: number | null;
}
