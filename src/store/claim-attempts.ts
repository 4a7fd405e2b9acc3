/** Attempts that workflows ask for: each is claimed by the process that makes it, so that no other does. */
import { idRange } from '../ids.ts';
import {
  joinAttempt,
  LOADED_COLUMNS,
  loadedFromRow,
  type LoadedDelivery,
  type LoadedRow,
} from './load-deliveries.ts';
import type { Queryable } from './pool.ts';
import { statusList } from './status-sql.ts';
import { eventsOf, JOIN_EVENT } from './work-row.ts';

export interface AttemptClaimRequest {
  deliveryId: string;
  number: number;
  /** Asked for by a person: whatever became of the delivery, and whoever carries it. */
  manual: boolean;
  workflowId: string;
}

export interface ClaimedAttempt extends LoadedDelivery {
  /** The attempt is this process's to make. */
  mine: boolean;
}

/**
 * A claim is for one number: it ends with the attempt's record, or when it is released, or with its process. First
 * attempts are also made ahead, by whoever holds the delivery in memory (claimed_by). What is locked is being moved on
 * by someone this very moment: ask again.
 */
const CLAIM = `
WITH wanted AS (
  SELECT * FROM unnest($1::text[], $2::int[], $3::boolean[], $4::text[]) AS w (id, number, manual, workflow_id)
), free AS (
  SELECT d.id, w.number FROM wanted w JOIN deliveries d ON d.id = w.id AND d.id = ANY ($1) AND d.id BETWEEN $6 AND $7
   WHERE NOT EXISTS (SELECT 1 FROM attempts a
                      WHERE a.tenant_id = d.tenant_id AND a.delivery_id = d.id AND a.number = w.number
                        AND a.delivery_id BETWEEN $6 AND $7)
     AND (w.manual
          OR d.status NOT IN ${statusList(['cancelled', 'held'])} AND (d.workflow_id IS NULL OR d.workflow_id = w.workflow_id))
     AND (d.attempting_number IS DISTINCT FROM w.number OR d.attempting_by IS NULL OR d.attempting_by = $5
          OR NOT EXISTS (SELECT 1 FROM processes p WHERE p.id = d.attempting_by))
     AND (w.number > 1 OR d.workflow_id IS NOT NULL OR d.claimed_by IS NULL OR d.claimed_by = $5
          OR NOT EXISTS (SELECT 1 FROM processes p WHERE p.id = d.claimed_by))
   FOR UPDATE OF d SKIP LOCKED
), claimed AS (
  UPDATE deliveries d SET attempting_by = $5, attempting_number = free.number
    FROM free WHERE d.id = free.id AND d.id = ANY ($1) AND d.id BETWEEN $6 AND $7
  RETURNING d.id
)
SELECT ${LOADED_COLUMNS}, claimed.id IS NOT NULL AS mine
  FROM wanted w
  JOIN deliveries d ON d.id = w.id AND d.id = ANY ($1) AND d.id BETWEEN $6 AND $7
  ${JOIN_EVENT}
  ${joinAttempt('$6', '$7')}
  LEFT JOIN claimed ON claimed.id = d.id`;

/** Claims what is free, and loads all that exist, each with the attempt asked about if it is in the log. */
export async function claimAttempts(
  db: Queryable,
  processId: number,
  wanted: AttemptClaimRequest[],
): Promise<Map<string, ClaimedAttempt>> {
  const ids = wanted.map((w) => w.deliveryId);
  const { rows } = await db.query<LoadedRow & { mine: boolean }>({
    name: 'claim-attempts',
    text: CLAIM,
    values: [
      ids,
      wanted.map((w) => w.number),
      wanted.map((w) => w.manual),
      wanted.map((w) => w.workflowId),
      processId,
      ...idRange(ids),
    ],
  });
  const eventOf = eventsOf(rows);
  return new Map(rows.map((row) => [row.id, { ...loadedFromRow(row, eventOf(row)!), mine: row.mine }]));
}

/** They will not be made here after all. */
export async function releaseAttempts(
  db: Queryable,
  processId: number,
  claims: { deliveryId: string; number: number }[],
): Promise<void> {
  const ids = claims.map((claim) => claim.deliveryId);
  await db.query({
    name: 'release-attempts',
    text: `UPDATE deliveries d SET attempting_by = NULL
             FROM unnest($1::text[], $2::int[]) AS c (id, number)
            WHERE d.id = c.id AND d.id = ANY ($1) AND d.id BETWEEN $4 AND $5
              AND d.attempting_by = $3 AND d.attempting_number = c.number`,
    values: [ids, claims.map((claim) => claim.number), processId, ...idRange(ids)],
  });
}
