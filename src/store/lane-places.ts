/** SQL for statements that insert deliveries, some of them into lanes. */
import { TRANSITIONS } from '../lifecycle.ts';
import { LANE_WORKFLOW } from './lane-sql.ts';

const { acceptPaused } = TRANSITIONS;

/** A lane into which something was accepted. */
export interface EnteredLane {
  tenantId: string;
  endpointId: string;
  /** The process that works through it; null: nobody does. */
  workedBy: number | null;
  /** Its workflow is to be woken. */
  isDue: boolean;
}

/**
 * CTEs over `planned` (tenant_id, id, endpoint_id, lane_key, status, index): `placed` has each delivery's place, in the
 * order of `index`. The rows of the lanes are locked until the commit, in one order everywhere: so a place is seen by
 * nobody before those in front of it. Who waits behind others of the same key, wakes nobody.
 */
export const LANE_PLACES = `
lane_in AS MATERIALIZED (
  SELECT id, tenant_id, endpoint_id, lane_key, status,
         row_number() OVER (PARTITION BY endpoint_id ORDER BY index) AS nth, count(*) OVER (PARTITION BY endpoint_id) AS n
    FROM planned WHERE lane_key IS NOT NULL
), lane_out AS (
  INSERT INTO lanes AS l (tenant_id, endpoint_id, last_place, only_key, due_at)
  SELECT tenant_id, endpoint_id, count(*), CASE WHEN min(lane_key) = max(lane_key) THEN min(lane_key) END,
         CASE WHEN bool_or(status <> '${acceptPaused.to}') THEN now() END
    FROM lane_in GROUP BY tenant_id, endpoint_id ORDER BY endpoint_id
  ON CONFLICT (tenant_id, endpoint_id) DO UPDATE SET
    last_place = l.last_place + excluded.last_place,
    only_key = CASE WHEN l.only_key = excluded.only_key THEN l.only_key END,
    due_at = CASE WHEN l.worked_by IS NOT NULL OR (l.only_key = excluded.only_key AND l.due_at IS NOT NULL) THEN l.due_at
                  ELSE least(l.due_at, excluded.due_at) END
  RETURNING tenant_id, endpoint_id, last_place, worked_by, coalesce(due_at <= now(), false) AS is_due
), placed AS (
  SELECT i.id, o.last_place - i.n + i.nth AS place FROM lane_in i JOIN lane_out o ON o.endpoint_id = i.endpoint_id
)`;

/** All of {@link EnteredLane}, as one JSON value. */
export const ENTERED_LANES = `(SELECT coalesce(json_agg(json_build_object('tenantId', tenant_id, 'endpointId', endpoint_id,
  'workedBy', worked_by, 'isDue', is_due)), '[]') FROM lane_out)`;

/** Of planned deliveries `d`: the workflow that carries them from the beginning. */
export const PLANNED_WORKFLOW = `CASE WHEN d.status <> '${acceptPaused.to}' THEN ${LANE_WORKFLOW} END`;
