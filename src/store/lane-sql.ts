/** SQL about lanes: an endpoint's deliveries that go in the order of their acceptance (docs/architecture.md, "Lanes"). */
import { LANE_PREFIX } from '../ids.ts';
import { UNENDED } from '../lifecycle.ts';
import { statusList } from './status-sql.ts';

/** What has not ended of a lane; the predicate of its index. */
export const IN_LANE = `lane_key IS NOT NULL AND status IN ${statusList(UNENDED)}`;

/** The workflow of `deliveries d` that is open, and that no delivery workflow carries: its lane's, or none. */
export const LANE_WORKFLOW = `CASE WHEN d.lane_key IS NOT NULL THEN '${LANE_PREFIX}' || d.endpoint_id END`;

/**
 * A CTE `woken`: the lanes of `released` (with endpoint_id, tenant_id, lane_key), held or cancelled until now, are to be
 * looked at. The number counts on, so that whoever is about to leave the lane looks once more.
 */
export const WAKE_LANES = `woken AS (
  UPDATE lanes l SET last_place = l.last_place + 1, due_at = least(l.due_at, now())
   WHERE (l.tenant_id, l.endpoint_id) IN (SELECT tenant_id, endpoint_id FROM released WHERE lane_key IS NOT NULL)
)`;
