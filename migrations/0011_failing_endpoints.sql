-- Up Migration

-- Null: never. A default for those that are there.
ALTER TABLE endpoints ADD COLUMN disable_after_days double precision DEFAULT 5;
ALTER TABLE endpoints ADD COLUMN probe boolean NOT NULL DEFAULT false;
-- When a worker must see to it that a workflow probes it.
ALTER TABLE endpoints ADD COLUMN probe_look_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX endpoints_to_probe ON endpoints (probe_look_at)
  WHERE probe AND disabled_reason = 'failing' AND deleted_at IS NULL;

-- Endpoints whose attempts have all failed since. A row is written when that begins, touched once a minute while it goes
-- on, and deleted with the first success: an endpoint that answers has none.
CREATE TABLE failing_endpoints (
  tenant_id           text NOT NULL,
  endpoint_id         text NOT NULL,
  since               timestamptz NOT NULL DEFAULT now(),
  last_failure_at     timestamptz NOT NULL DEFAULT now(),
  last_status_code    integer,
  last_error_class    text,
  last_error_message  text,
  -- when its owner was told that it will be disabled
  warned_at           timestamptz,
  -- when that is to be told, or done; null: never
  next_step_at        timestamptz,
  PRIMARY KEY (tenant_id, endpoint_id)
);
CREATE UNIQUE INDEX failing_endpoints_by_id ON failing_endpoints (endpoint_id);
-- Those that have failed once more since then.
CREATE INDEX failing_endpoints_due ON failing_endpoints (next_step_at) WHERE next_step_at <= last_failure_at;

-- Of all tenants, latest first.
CREATE INDEX failing_endpoints_by_begin ON failing_endpoints (since, endpoint_id);

-- What becomes an event of the tenant "posthorn", until it is published. The id is the event's.
CREATE TABLE news (
  position     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id           text NOT NULL DEFAULT 'news_' || replace(gen_random_uuid()::text, '-', ''),
  type         text NOT NULL,
  data         json NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  -- a worker publishes it
  taken_until  timestamptz NOT NULL DEFAULT now()
);

-- Down Migration

DROP TABLE news, failing_endpoints;
ALTER TABLE endpoints DROP COLUMN probe_look_at, DROP COLUMN probe, DROP COLUMN disable_after_days;
