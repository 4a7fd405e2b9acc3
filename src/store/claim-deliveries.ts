import type { Job } from '../dispatch/job.ts';
import type { Queryable } from './pool.ts';
import { OPEN_LIST } from './status-sql.ts';
import { eventsOf, jobFromRow, JOIN_EVENT_IF_ANY, WORK_COLUMNS, type WorkRow } from './work-row.ts';

/**
 * Takes of each order the oldest, past whoever else is doing the same, as long as their events weigh no more than $5
 * bytes. An event counts once, and its length is known without reading it. The ids go into the UPDATE as an array, and
 * with their bounds: so it takes the index, and of a partitioned table the partitions in question.
 */
const TEXT = `
WITH wanted AS (
  SELECT * FROM unnest($2::text[], $3::text[], $4::int[]) WITH ORDINALITY AS w (endpoint_id, status, count, turn)
), candidate AS (
  SELECT t.*, row_number() OVER (ORDER BY w.turn, t.id) AS place
    FROM wanted w
   CROSS JOIN LATERAL (
     SELECT d.id, d.tenant_id, d.event_uid FROM deliveries d
      WHERE d.workflow_id IS NULL AND d.claimed_by IS NULL AND d.status IN ${OPEN_LIST}
        AND d.endpoint_id = w.endpoint_id AND d.status = w.status
      ORDER BY d.id LIMIT w.count FOR UPDATE OF d SKIP LOCKED) t
), weighed AS (
  SELECT c.id, c.place, CASE WHEN row_number() OVER (PARTITION BY c.tenant_id, c.event_uid ORDER BY c.place) = 1 THEN
      (SELECT octet_length(e.data) FROM events e WHERE e.tenant_id = c.tenant_id AND e.uid = c.event_uid) END AS bytes
    FROM candidate c
), fitting AS (
  SELECT w.id FROM (SELECT id, place, coalesce(sum(bytes) OVER (ORDER BY place), 0) AS bytes FROM weighed) w
   WHERE w.bytes <= $5 OR w.place = 1
), claimed AS (
  UPDATE deliveries d SET claimed_by = $1
   WHERE d.id = ANY (ARRAY (SELECT id FROM fitting))
     AND d.id >= (SELECT min(id) FROM fitting) AND d.id <= (SELECT max(id) FROM fitting)
  RETURNING d.*
)
SELECT ${WORK_COLUMNS} FROM claimed d ${JOIN_EVENT_IF_ANY}`;

/** So many of an endpoint's deliveries that are in that status. */
export interface ClaimOrder {
  endpointId: string;
  status: 'pending' | 'retrying';
  count: number;
}

export interface ClaimRequest {
  processId: number;
  orders: ClaimOrder[];
  /** Their events together; a single larger one is taken all the same. */
  maxBytes: number;
}

export interface Claimed {
  /** Oldest first, all of an event with the same `event`. */
  jobs: Job[];
  /** Taken as well, but their events, or the data of these, are gone: they can never be sent. */
  withoutEvent: string[];
}

/** Takes deliveries that no workflow and no process carries. */
export async function claimDeliveries(db: Queryable, request: ClaimRequest): Promise<Claimed> {
  const { processId, orders, maxBytes } = request;
  const { rows } = await db.query<WorkRow>({
    name: 'claim-deliveries',
    text: TEXT,
    values: [
      processId,
      orders.map(({ endpointId }) => endpointId),
      orders.map(({ status }) => status),
      orders.map(({ count }) => count),
      maxBytes,
    ],
  });
  const eventOf = eventsOf(rows);
  const jobs: Job[] = [];
  const withoutEvent: string[] = [];
  for (const row of rows) {
    const event = eventOf(row);
    if (event) jobs.push(jobFromRow(row, event));
    else withoutEvent.push(row.id);
  }
  return { jobs: jobs.sort((a, b) => (a.deliveryId < b.deliveryId ? -1 : 1)), withoutEvent };
}
