-- Up Migration

ALTER TABLE endpoints
  -- both or neither: how many attempts a second, and how many at once where none was made for a while
  ADD COLUMN rate_per_second  double precision,
  ADD COLUMN rate_burst       integer,
  -- it has answered 429 or 503 with Retry-After
  ADD COLUMN slowed_until     timestamptz;

-- How far each limited endpoint's rate is used up, over all processes (src/store/reserve-attempts.ts). A row is made with
-- the first attempt; without one, nothing is used up.
CREATE TABLE endpoint_rates (
  tenant_id    text NOT NULL,
  endpoint_id  text NOT NULL,
  -- The theoretical arrival time of GCRA: when all that is reserved would be made up for …
  arrival_at   timestamptz NOT NULL,
  -- … under this limit.
  per_second   double precision NOT NULL,
  burst        integer NOT NULL,
  -- the last reservation: when it was made, and how many attempts it was given
  asked_at     timestamptz NOT NULL,
  granted      integer NOT NULL,
  PRIMARY KEY (tenant_id, endpoint_id)
) WITH (fillfactor = 50);

-- Down Migration

DROP TABLE endpoint_rates;
ALTER TABLE endpoints DROP COLUMN rate_per_second, DROP COLUMN rate_burst, DROP COLUMN slowed_until;
