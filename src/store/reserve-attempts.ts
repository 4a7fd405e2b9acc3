import { KEPT_PART, RESERVED_AHEAD_MS, type RateLimit } from '../rate-limit.ts';
import type { Queryable } from './pool.ts';

export interface ReservationRequest {
  tenantId: string;
  endpointId: string;
  /** Attempts that wait for it. */
  count: number;
}

/** What a process may send to an endpoint, as of the moment in which it was reserved. */
export interface Reservation {
  /** The limit as it is now. */
  limit: RateLimit;
  /** So many of those that were asked for are due within {@link RESERVED_AHEAD_MS}, and are this process's to make. */
  granted: number;
  /** So many attempts, those among them, it would take a bucket that leaks at the kept rate to be empty again. */
  used: number;
}

const kept = (row: string) => `${row}.per_second * ${KEPT_PART}`;
/** What may be used up at most: more is not due soon. */
const room = (row: string) => `${row}.burst + ${kept(row)} * ${RESERVED_AHEAD_MS / 1000}`;
/** Used up before. Under another limit than it was reckoned with, never more than this one could have used up. */
const USED = `least(${room('excluded')},
  greatest(0, extract(epoch FROM r.arrival_at - excluded.asked_at)::float8 * ${kept('r')}))`;
const GRANTED = `greatest(0, least(excluded.granted, floor(${room('excluded')} - ${USED})))::int`;

/**
 * GCRA, many endpoints at a time, in one order everywhere, so that two processes never wait for each other. Each row is
 * locked while it is moved on, and Postgres' clock decides. What was reserved is never given back: that costs a moment of
 * the rate, and no more, if its process dies.
 */
const TEXT = `
INSERT INTO endpoint_rates AS r (tenant_id, endpoint_id, per_second, burst, asked_at, granted, arrival_at)
SELECT tenant_id, endpoint_id, per_second, burst, asked_at, granted,
       asked_at + make_interval(secs => granted / (${kept('w')}))
  FROM (SELECT w.*, least(count, floor(${room('w')}))::int AS granted
          FROM (SELECT e.tenant_id, e.id AS endpoint_id, e.rate_per_second AS per_second, e.rate_burst AS burst,
                       w.count, clock_timestamp() AS asked_at
                  FROM unnest($1::text[], $2::text[], $3::int[]) AS w (tenant_id, endpoint_id, count)
                  JOIN endpoints e ON e.tenant_id = w.tenant_id AND e.id = w.endpoint_id
                 WHERE e.deleted_at IS NULL AND e.rate_per_second IS NOT NULL
                OFFSET 0) w) w
 ORDER BY tenant_id, endpoint_id
ON CONFLICT (tenant_id, endpoint_id) DO UPDATE
   SET per_second = excluded.per_second, burst = excluded.burst, asked_at = excluded.asked_at, granted = ${GRANTED},
       arrival_at = excluded.asked_at + make_interval(secs => (${USED} + ${GRANTED}) / (${kept('excluded')}))
RETURNING endpoint_id, per_second, burst, granted,
          extract(epoch FROM arrival_at - asked_at)::float8 * ${kept('r')} AS used`;

interface Row {
  endpoint_id: string;
  per_second: number;
  burst: number;
  granted: number;
  used: number;
}

/** In the order of the requests; null: the endpoint has no limit (any more), or is gone. No endpoint twice. */
export async function reserveAttempts(
  db: Queryable,
  requests: ReservationRequest[],
): Promise<(Reservation | null)[]> {
  const { rows } = await db.query<Row>({
    name: 'reserve-attempts',
    text: TEXT,
    values: [
      requests.map(({ tenantId }) => tenantId),
      requests.map(({ endpointId }) => endpointId),
      requests.map(({ count }) => count),
    ],
  });
  const reserved = new Map(
    rows.map(({ endpoint_id: id, per_second: perSecond, burst, granted, used }) => [
      id,
      { limit: { perSecond, burst }, granted, used },
    ]),
  );
  return requests.map(({ endpointId }) => reserved.get(endpointId) ?? null);
}
