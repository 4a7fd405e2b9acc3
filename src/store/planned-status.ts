/**
 * SQL for statements that insert deliveries. Which endpoints are disabled, or release at a rate what they held, was read
 * from a cache; where one was, its row decides whether its deliveries are held, as in hold-deliveries.ts. But for a row that is being changed this moment no
 * publish waits: its deliveries wait for a worker instead, who asks again.
 */
import { TRANSITIONS } from '../lifecycle.ts';
import type { NewDelivery } from './insert-events.ts';
import { CHANNELS } from './listener.ts';

const { accept, acceptPaused } = TRANSITIONS;

/** CTEs over the endpoints in `parameter`, as {@link seemPaused} gives them. `told` has one row, to be joined. */
export const pausedOf = (parameter: string): string => `
paused AS (
  SELECT e.id FROM endpoints e WHERE e.id = ANY (${parameter}) AND (NOT e.enabled OR e.release = 'deliver') AND e.deleted_at IS NULL
   ORDER BY e.id FOR SHARE SKIP LOCKED
), told AS (
  SELECT count(pg_notify('${CHANNELS.waiting}', '')) FROM unnest(${parameter}::text[]) AS t (id)
   WHERE t.id NOT IN (SELECT id FROM paused)
)`;

/** Of the planned delivery `d`. */
export const PLANNED_STATUS = `
  CASE WHEN d.status = '${acceptPaused.to}' AND d.endpoint_id NOT IN (SELECT id FROM paused) THEN '${accept.to}'
       ELSE d.status END`;

/** Endpoints that whoever planned these took for disabled. */
export const seemPaused = (deliveries: NewDelivery[]): string[] => [
  ...new Set(
    deliveries.filter(({ status }) => status === acceptPaused.to).map(({ endpointId }) => endpointId),
  ),
];
