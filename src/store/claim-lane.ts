/** Who works through a lane: one process at a time, for as long as it lives. */
import type { Queryable } from './pool.ts';

export interface LaneId {
  tenantId: string;
  endpointId: string;
}

/** How far a lane has been filled: it counts on with every entry, and when something in it can be sent again. */
export type LanePlace = number;

/** Somebody looks after it when its worker has not been heard of for so long. */
const LEASE_SECONDS = 90;

const MINE = `(l.worked_by IS NULL OR l.worked_by = $3 OR NOT EXISTS (SELECT FROM processes p WHERE p.id = l.worked_by))`;

/** `claimed`: it is this process's now. `taken`: another's, who lives. `empty`: there is nothing in it. */
export async function claimLane(
  db: Queryable,
  { tenantId, endpointId }: LaneId,
  processId: number,
): Promise<'claimed' | 'taken' | 'empty'> {
  const { rows } = await db.query<{ isMine: boolean }>({
    name: 'claim-lane',
    text: `WITH claimed AS (
             UPDATE lanes l SET worked_by = $3, due_at = now() + interval '${LEASE_SECONDS} seconds'
              WHERE l.tenant_id = $1 AND l.endpoint_id = $2 AND ${MINE}
             RETURNING 1)
           SELECT EXISTS (SELECT FROM claimed) AS "isMine" FROM lanes WHERE tenant_id = $1 AND endpoint_id = $2`,
    values: [tenantId, endpointId, processId],
  });
  if (!rows[0]) return 'empty';
  return rows[0].isMine ? 'claimed' : 'taken';
}

/** How far it has been filled; null: it is not this process's (any more). */
export async function placeOfLane(
  db: Queryable,
  { tenantId, endpointId }: LaneId,
  processId: number,
): Promise<LanePlace | null> {
  const { rows } = await db.query<{ last_place: number }>({
    name: 'place-of-lane',
    text: 'SELECT last_place FROM lanes WHERE tenant_id = $1 AND endpoint_id = $2 AND worked_by = $3',
    values: [tenantId, endpointId, processId],
  });
  return rows[0]?.last_place ?? null;
}

/** What is left in a lane that its worker leaves, and when somebody is to come again. */
export type LaneRest =
  { kind: 'nothing' } | { kind: 'held' } | { kind: 'due'; onlyKey: string | null; inSeconds: number };

/**
 * Leaves it, unless it has been filled further than `place` since: then false, and there is more to do. With nothing left
 * the lane is gone, and begins anew with what is accepted next.
 */
export async function leaveLane(
  db: Queryable,
  { tenantId, endpointId }: LaneId,
  processId: number,
  place: LanePlace,
  rest: LaneRest,
): Promise<boolean> {
  const where = 'tenant_id = $1 AND endpoint_id = $2 AND worked_by = $3 AND last_place = $4';
  const values: unknown[] = [tenantId, endpointId, processId, place];
  if (rest.kind === 'nothing') {
    const text = `DELETE FROM lanes WHERE ${where}`;
    return (await db.query({ name: 'end-lane', text, values })).rowCount === 1;
  }
  const [onlyKey, inSeconds] = rest.kind === 'due' ? [rest.onlyKey, rest.inSeconds] : [null, null];
  const left = await db.query({
    name: 'leave-lane',
    text: `UPDATE lanes SET worked_by = NULL, only_key = $5, due_at = now() + make_interval(secs => $6)
            WHERE ${where}`,
    values: [...values, onlyKey, inSeconds],
  });
  return left.rowCount === 1;
}

/** So long the workflow of a lane that was let go of has for coming back to it by itself. */
const BACK_SECONDS = 15;

/** Lets go of a lane in which there is more to do: its workflow goes on, here or elsewhere. */
export async function letGoOfLane(
  db: Queryable,
  { tenantId, endpointId }: LaneId,
  processId: number,
): Promise<void> {
  await db.query({
    name: 'let-go-of-lane',
    text: `UPDATE lanes SET worked_by = NULL, due_at = now() + interval '${BACK_SECONDS} seconds'
            WHERE tenant_id = $1 AND endpoint_id = $2 AND worked_by = $3`,
    values: [tenantId, endpointId, processId],
  });
}

/** Lets go of lanes that this process has claimed and does not work on. Returns how many. */
export async function dropStrayLanes(db: Queryable, processId: number, workedOn: string[]): Promise<number> {
  const dropped = await db.query({
    text: 'UPDATE lanes SET worked_by = NULL, due_at = now() WHERE worked_by = $1 AND endpoint_id <> ALL ($2)',
    values: [processId, workedOn],
  });
  return dropped.rowCount ?? 0;
}
