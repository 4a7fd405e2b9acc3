-- Up Migration

-- What came into a lane since a place, and whose time has come: so that whoever works through a lane with very many keys need
-- not look at all of them for it (src/store/lane-news.ts). `+ 0`: or Postgres would take it for a way to a key's first, too.
CREATE INDEX deliveries_entered_lanes ON deliveries (endpoint_id, (lane_place + 0))
  WHERE lane_key IS NOT NULL AND status IN ('pending', 'retrying', 'held');
CREATE INDEX deliveries_due_in_lanes ON deliveries (endpoint_id, next_attempt_at)
  WHERE lane_key IS NOT NULL AND status = 'retrying';

-- Whose each of the noted attempts is. Those that are noted without are counted all the same a minute later.
ALTER TABLE uncounted_attempts ADD COLUMN tenant_ids text[] NOT NULL DEFAULT '{}';
ALTER TABLE uncounted_attempts ALTER COLUMN tenant_ids SET STORAGE EXTERNAL;

-- Down Migration

ALTER TABLE uncounted_attempts DROP COLUMN tenant_ids;

DROP INDEX deliveries_due_in_lanes, deliveries_entered_lanes;
