/** Names that clients of the delivery workflow rely on: its input, signals, updates, query and search attributes. */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { DeliveryStatus } from '../src/lifecycle.ts';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';

/** How a delivery ended for its workflow. `foreign`: another carries it; `missing`: there is no such delivery. */
export type Result = Exclude<DeliveryStatus, 'pending' | 'retrying'> | 'foreign' | 'missing';

/** Where a delivery stands when a workflow, or its next run, takes it over; absent: nothing was attempted. */
export interface Progress {
  attempts: number;
  scheduled: number;
  /** Unix ms of its next attempt; null: at once. */
  dueAtMs: number | null;
  /** It had ended like that; only a manual attempt is wanted. */
  ended?: Result;
  /** An attempt by hand was asked for and is still to be made. */
  manual?: true;
  /** For the Web UI: the last answer, how long it took, and how many retries its schedule has. */
  answer?: string;
  tookMs?: number;
  maxRetries?: number;
}

/** What the Web UI says of an endpoint. */
export interface EndpointLabel {
  tenant: string;
  name: string | null;
  host: string;
}

/** What a workflow's earlier runs came to. */
export interface EarlierRuns {
  /** How many deliveries ended how. */
  tally: Record<string, number>;
  /** Values of the search attribute `PosthornOutcome`. */
  outcomes: string[];
}

export interface DeliveryInput {
  /** Delivery ids by endpoint id: normally one of one. */
  deliveries: Record<string, string[]>;
  progress?: Record<string, Progress>;
  /** All of them were delivered ahead: the search attributes say so from the start. */
  succeeded?: true;
  /** By endpoint id. */
  endpoints?: Record<string, EndpointLabel>;
  /** Set when this run goes on with what an earlier one of the same workflow began. */
  earlier?: EarlierRuns;
  /** Go on in a new run after so many events of history; absent: when the server suggests it. For tests. */
  eventsPerRun?: number;
}

export interface MemberState {
  id: string;
  status: 'waiting' | 'attempting' | 'ended';
  result: string | null;
  attempts: number;
  nextAttemptAtMs: number | null;
}

/**
 * Which delivery a message is about; it may be left out when the workflow carries one. `after`: attempts that whoever
 * asks knows of, so that one which the workflow has yet to hear of is not taken for the answer.
 */
export interface DeliveryOrder {
  deliveryId?: string;
  after?: number;
}

/** Attempt now. */
export const retryNow = defineSignal<[DeliveryOrder?]>('retryNow');
/** Make no further attempt. One under way is finished. */
export const cancelDelivery = defineSignal<[DeliveryOrder?]>('cancelDelivery');
/** The same for several at once, from programs. */
export const cancelDeliveries = defineSignal<[{ deliveryIds: string[] }?]>('cancelDeliveries');
/** The same as updates, for people: these answer in words. */
export const retryUpdate = defineUpdate<string, [DeliveryOrder?]>('retryNow');
export const cancelUpdate = defineUpdate<string, [DeliveryOrder?]>('cancelDelivery');
export const stateQuery = defineQuery<MemberState[]>('state');

/** Of replays and releases: something has changed, look at once. */
export const look = defineSignal('look');

/** Lists, because a workflow may carry deliveries of several endpoints. */
export const searchAttributes = {
  tenant: defineSearchAttributeKey('PosthornTenant', SearchAttributeType.KEYWORD),
  endpoint: defineSearchAttributeKey('PosthornEndpoint', SearchAttributeType.KEYWORD_LIST),
  eventType: defineSearchAttributeKey('PosthornEventType', SearchAttributeType.KEYWORD_LIST),
  /** `succeeded`, `failed`, `held`, `cancelled`, each also as `failed:<endpoint id>`; empty while under way. */
  outcome: defineSearchAttributeKey('PosthornOutcome', SearchAttributeType.KEYWORD_LIST),
};
