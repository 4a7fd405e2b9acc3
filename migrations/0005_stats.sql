-- Up Migration

-- How long the parts of an attempt took, in ms. Null: it had no such part (the connection was open already, no TLS, no
-- name), or did not come to its end. What is left of duration_ms is waiting for a connection, and the answer's body.
ALTER TABLE attempts
  ADD COLUMN endpoint_id    text COLLATE "C" NOT NULL,
  ADD COLUMN dns_ms         real,
  ADD COLUMN connect_ms     real,
  ADD COLUMN tls_ms         real,
  ADD COLUMN first_byte_ms  real;

-- What has been attempted at an endpoint, latest first. And what failed there, which is sought among many that did not.
CREATE INDEX attempts_by_endpoint ON attempts (endpoint_id, started_at);
CREATE INDEX attempts_failed ON attempts (endpoint_id, started_at) WHERE error_class IS NOT NULL;

-- What attempts came to, a row for each group that was written: by the statement that wrote them, so nothing counts twice.
-- A workflow folds them into `stats` every minute and deletes them (src/store/fold-stats.ts). No index: a row lives a minute.
CREATE TABLE uncounted_attempts (
  endpoint_ids   text[] NOT NULL,
  started_at     timestamptz[] NOT NULL,
  duration_ms    real[] NOT NULL,
  status_codes   smallint[] NOT NULL,
  error_classes  text[] NOT NULL
) WITH (toast_tuple_target = 8160, vacuum_truncate = off);
-- Nor is time spent on compressing them.
ALTER TABLE uncounted_attempts
  ALTER COLUMN endpoint_ids SET STORAGE EXTERNAL, ALTER COLUMN started_at SET STORAGE EXTERNAL,
  ALTER COLUMN duration_ms SET STORAGE EXTERNAL, ALTER COLUMN status_codes SET STORAGE EXTERNAL,
  ALTER COLUMN error_classes SET STORAGE EXTERNAL;

-- Attempts by the hour and by the day (UTC) in which they began: of an endpoint, and of all that its tenant has or had ('*').
-- The objects count attempts by status code, by error class, and by the bucket of their duration (src/stats/durations.ts).
CREATE TABLE stats (
  tenant_id      text NOT NULL,
  endpoint_id    text COLLATE "C" NOT NULL,
  per            text NOT NULL,
  starts_at      timestamptz NOT NULL,
  attempts       bigint NOT NULL,
  failed         bigint NOT NULL,
  status_codes   jsonb NOT NULL,
  error_classes  jsonb NOT NULL,
  durations      jsonb NOT NULL,
  PRIMARY KEY (tenant_id, endpoint_id, per, starts_at)
) WITH (fillfactor = 70);
-- By age, for retention.
CREATE INDEX stats_by_age ON stats (per, starts_at);
-- Tenants side by side.
CREATE INDEX stats_of_tenants ON stats (per, starts_at) WHERE endpoint_id = '*';

-- Down Migration

DROP TABLE stats, uncounted_attempts;
DROP INDEX attempts_failed, attempts_by_endpoint;
ALTER TABLE attempts
  DROP COLUMN endpoint_id, DROP COLUMN dns_ms, DROP COLUMN connect_ms, DROP COLUMN tls_ms, DROP COLUMN first_byte_ms;
