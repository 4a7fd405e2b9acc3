/** Names that clients of the delivery workflow rely on: its input, signals, query and search attributes. */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { defineQuery, defineSignal } from '@temporalio/workflow';

/** Where a delivery stands when the workflow takes it over; absent: nothing was attempted. */
export interface Progress {
  attempts: number;
  scheduled: number;
  /** Unix ms of its next attempt; null: at once. */
  dueAtMs: number | null;
  /** It had ended; only a manual attempt is wanted. */
  ended?: boolean;
}

export interface DeliveryInput {
  /** Delivery ids by endpoint id: normally one of one. */
  deliveries: Record<string, string[]>;
  progress?: Record<string, Progress>;
  /** All of them were delivered ahead: the search attributes say so from the start. */
  succeeded?: true;
}

export interface MemberState {
  id: string;
  status: 'waiting' | 'attempting' | 'ended';
  result: string | null;
  attempts: number;
  nextAttemptAtMs: number | null;
}

/**
 * Attempt now. Names the delivery, since a workflow may carry many. `after`: attempts that whoever asks knows of,
 * so that one which the workflow has yet to hear of is not taken for the answer.
 */
export const retryNow = defineSignal<[{ deliveryId: string; after?: number }]>('retryNow');
/** Make no further attempt. One under way is finished. */
export const cancelDelivery = defineSignal<[{ deliveryId: string }]>('cancelDelivery');
export const stateQuery = defineQuery<MemberState[]>('state');

/** Lists, because a workflow may carry deliveries of several endpoints. */
export const searchAttributes = {
  tenant: defineSearchAttributeKey('PosthornTenant', SearchAttributeType.KEYWORD),
  endpoint: defineSearchAttributeKey('PosthornEndpoint', SearchAttributeType.KEYWORD_LIST),
  eventType: defineSearchAttributeKey('PosthornEventType', SearchAttributeType.KEYWORD_LIST),
  /** `succeeded`, `failed`, `held`, `cancelled`, each also as `failed:<endpoint id>`; empty while under way. */
  outcome: defineSearchAttributeKey('PosthornOutcome', SearchAttributeType.KEYWORD_LIST),
};
