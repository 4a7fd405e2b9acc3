import { createBatcher } from '../batcher.ts';
import { CHANNELS } from './listener.ts';
import type { Queryable } from './pool.ts';
import type { WaitingEndpoint } from './waiting-endpoints.ts';

/** What goes through the channel `posthorn_waiting`; an empty payload says that something waits, of whatever endpoint. */
export interface WaitingNotice {
  /** The process that says so: it knows already. */
  from: number | null;
  /** Null: too many to name. */
  endpoints: WaitingEndpoint[] | null;
}

/** Postgres takes less than 8000. */
const MAX_PAYLOAD_BYTES = 7_900;

/**
 * Tells the workers of which endpoints deliveries wait: at once, and what comes while that is under way shares the next
 * call.
 */
export function createWaitingNotifier(
  db: Queryable,
  processId: () => number | null,
): (endpoints: WaitingEndpoint[]) => void {
  const batcher = createBatcher<WaitingEndpoint[], null>({
    maxItems: Infinity,
    concurrency: 1,
    async run(calls) {
      const payload = noticeOf(processId(), calls.flat());
      // A notification that is lost costs time only: workers look every ten seconds anyway.
      await db
        .query({ text: 'SELECT pg_notify($1, $2)', values: [CHANNELS.waiting, payload] })
        .catch(() => {});
      return calls.map(() => null);
    },
  });
  return (endpoints) => void batcher.submit(endpoints);
}

function noticeOf(from: number | null, endpoints: WaitingEndpoint[]): string {
  const distinct = [...new Map(endpoints.map((endpoint) => [endpoint.endpointId, endpoint])).values()];
  const payload = JSON.stringify({ from, endpoints: distinct } satisfies WaitingNotice);
  if (Buffer.byteLength(payload) <= MAX_PAYLOAD_BYTES) return payload;
  return JSON.stringify({ from, endpoints: null } satisfies WaitingNotice);
}

export function readNotice(payload: string): WaitingNotice {
  return payload === '' ? { from: null, endpoints: null } : (JSON.parse(payload) as WaitingNotice);
}
