-- Up Migration

ALTER TABLE endpoints ADD COLUMN ordering text NOT NULL DEFAULT 'none';
ALTER TABLE events ADD COLUMN ordering_key text;

-- A delivery whose endpoint is `fifo` stands in the endpoint's lane from its acceptance on: `lane_key` is its event's
-- ordering key ('' without one), and those of one key go one after the other in the order of `lane_place`. Null: in none.
ALTER TABLE deliveries ADD COLUMN lane_key text COLLATE "C", ADD COLUMN lane_place bigint;
CREATE INDEX deliveries_in_lanes ON deliveries (endpoint_id, lane_key, lane_place)
  WHERE lane_key IS NOT NULL AND status IN ('pending', 'retrying', 'held');

-- An endpoint's lane, for as long as something in it has not ended. Whoever accepts into it locks the row until it commits:
-- so places become visible in their order.
CREATE TABLE lanes (
  tenant_id    text NOT NULL,
  endpoint_id  text NOT NULL,
  last_place   bigint NOT NULL,
  -- the process that works through it; a claim is worth as much as its process
  worked_by    bigint,
  -- the only key of all that has not ended, as far as that is known: more of the same waits behind it anyway
  only_key     text COLLATE "C",
  -- Nobody has worked on it by then: its workflow is to be woken. Null: nothing in it can be sent.
  due_at       timestamptz,
  PRIMARY KEY (tenant_id, endpoint_id)
);
CREATE INDEX lanes_due ON lanes (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX lanes_worked ON lanes (worked_by) WHERE worked_by IS NOT NULL;

-- What waits in a lane has a workflow long before its first attempt: nothing for those who look for lost ones.
DROP INDEX deliveries_carried_pending;
CREATE INDEX deliveries_carried_pending ON deliveries (id)
  WHERE workflow_id IS NOT NULL AND status = 'pending' AND lane_key IS NULL;

-- Down Migration

DROP INDEX deliveries_carried_pending;
CREATE INDEX deliveries_carried_pending ON deliveries (id) WHERE workflow_id IS NOT NULL AND status = 'pending';
DROP TABLE lanes;
ALTER TABLE deliveries DROP COLUMN lane_key, DROP COLUMN lane_place;
ALTER TABLE events DROP COLUMN ordering_key;
ALTER TABLE endpoints DROP COLUMN ordering;
