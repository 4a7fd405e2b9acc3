import { Problem } from '../problem.ts';
import type { EventInput } from './event-input.ts';

/** By what a repeated request is known, and told from another one. Each kind of request has keys of its own. */
export interface Idempotency {
  /** As stored. */
  key: string;
  /** The request, as it was meant: white space, and defaults that are said or left out, make no difference. */
  meaning: string;
  /** The key was used for another request, which became that event. */
  reused(eventId: string): Problem;
}

export function eventIdempotency(key: string, input: EventInput): Idempotency {
  return {
    key: `event ${key}`,
    meaning: meaningOf(input),
    reused: (eventId) => Problem.reusedKey(key, `event ${eventId}`),
  };
}

/** `whole`: what the batch means. Its events are known by their places in it. */
export function batchIdempotency(key: string, index: number, whole: string): Idempotency {
  return { key: `batch ${key}/${index}`, meaning: whole, reused: () => Problem.reusedKey(key, null) };
}

/** Throws a Problem for an id that Temporal takes and Postgres does not. */
export function workflowIdempotency(workflowId: string, input: EventInput): Idempotency {
  if (/\p{Cc}/u.test(workflowId))
    throw Problem.field('workflow_id', 'must not contain control characters: it is the idempotency key');
  const reused = (eventId: string) =>
    Problem.field(
      'workflow_id',
      `"${workflowId}" has published another event already (${eventId}): a new event needs a new workflow id`,
    );
  return { key: `workflow ${workflowId}`, meaning: meaningOf(input), reused };
}

/** The order of keys counts within `data`, since it is sent as it is, and not around it. */
export function meaningOf({ id, type, environment, timestamp, orderingKey, dataJson }: EventInput): string {
  return (
    JSON.stringify([id, type, environment, timestamp, ...(orderingKey === null ? [] : [orderingKey])]) +
    dataJson
  );
}
