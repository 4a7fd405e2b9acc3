-- Up Migration

CREATE TABLE tenants (
  id          text PRIMARY KEY,
  name        text,
  metadata    json NOT NULL DEFAULT '{}',
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  -- Its end has begun: nothing is taken for it any more, and its rows are being removed.
  deleting_since  timestamptz
);

CREATE TABLE endpoints (
  id                      text PRIMARY KEY,
  tenant_id               text NOT NULL REFERENCES tenants (id),
  url                     text NOT NULL,
  name                    text,
  profile                 text NOT NULL,
  events                  text[] NOT NULL,
  environments            text[] NOT NULL,
  method                  text NOT NULL,
  -- sealed when POSTHORN_ENCRYPTION_KEY is set (src/store/seal.ts)
  secret                  text,
  previous_secrets        json NOT NULL DEFAULT '[]',
  auth                    text,
  headers                 text NOT NULL,
  -- null: the profile's default
  timeout_seconds         integer,
  max_retries             integer,
  retry_interval          text,
  retry_delay_seconds     integer,
  retry_schedule_seconds  integer[],
  notify_on_failure       boolean NOT NULL DEFAULT true,
  notify_emails           text[] NOT NULL DEFAULT '{}',
  verify_tls              boolean NOT NULL DEFAULT true,
  allowed_ips             text[] NOT NULL DEFAULT '{}',
  max_in_flight           integer,
  enabled                 boolean NOT NULL DEFAULT true,
  disabled_reason         text,
  metadata                json NOT NULL DEFAULT '{}',
  created_at              timestamptz NOT NULL DEFAULT now(),
  updated_at              timestamptz NOT NULL DEFAULT now(),
  deleted_at              timestamptz,
  -- Set when the caller sent Idempotency-Key, until the endpoint is deleted. The origin, sealed like a secret since it is
  -- made from one, tells a repeat from another request under that key (src/endpoints/idempotency.ts).
  idempotency_key         text,
  origin                  text
);
CREATE INDEX endpoints_by_tenant ON endpoints (tenant_id, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX endpoints_by_idempotency_key ON endpoints (tenant_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;

-- Events, deliveries and attempts grow without end: they are partitioned by day, and old days are dropped
-- (src/store/partitions.ts makes the partitions). Our ids begin with their time (UUID v7), so the range of a day is a
-- range of ids (COLLATE "C": compared as bytes, whatever the database's language). Every key begins with the tenant, so
-- that tables can be distributed by it. What has no partition of its own goes to the DEFAULT ones: no row is ever refused,
-- and what is still open when its day is dropped goes on there.

-- `uid` is our own id. Callers see `id`: their own where they gave one, else the same as `uid`. `data` is the compact
-- JSON text that every attempt sends: text, not jsonb, because the bytes must never change. Null: it has been dropped
-- (PAYLOAD_RETENTION_DAYS).
CREATE TABLE events (
  tenant_id        text NOT NULL,
  uid              text COLLATE "C" NOT NULL,
  id               text NOT NULL,
  type             text NOT NULL,
  environment      text NOT NULL,
  "timestamp"      timestamptz NOT NULL,
  data             text,
  created_at       timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, uid)
) PARTITION BY RANGE (uid);
CREATE TABLE events_default PARTITION OF events DEFAULT;

-- What must be unique over all days: events' own ids and idempotency keys. Most events have neither, and no row here.
CREATE TABLE event_keys (
  tenant_id        text NOT NULL,
  event_uid        text COLLATE "C" NOT NULL,
  event_id         text,
  -- Set when the caller sent Idempotency-Key; the hash tells a repeat from another request under that key.
  idempotency_key  text,
  request_hash     text,
  PRIMARY KEY (tenant_id, event_uid)
);
CREATE UNIQUE INDEX event_keys_by_event_id ON event_keys (tenant_id, event_id) WHERE event_id IS NOT NULL;
CREATE UNIQUE INDEX event_keys_by_idempotency_key ON event_keys (tenant_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
-- By age, for retention.
CREATE INDEX event_keys_by_time ON event_keys (event_uid);

-- No foreign keys here and on attempts: their checks cost a quarter of an insert, and rows are only ever written by us.
CREATE TABLE deliveries (
  tenant_id         text NOT NULL,
  id                text COLLATE "C" NOT NULL,
  event_uid         text COLLATE "C" NOT NULL,
  event_id          text NOT NULL,
  endpoint_id       text NOT NULL,
  event_type        text NOT NULL,
  environment       text NOT NULL,
  trigger           text NOT NULL,
  status            text NOT NULL,
  attempt_count     integer NOT NULL DEFAULT 0,
  -- attempts that used up a step of the schedule (manual ones do not)
  scheduled_count   integer NOT NULL DEFAULT 0,
  next_attempt_at   timestamptz,
  last_status_code  integer,
  last_error_class  text,
  -- the workflow that carries it; null until one does, and for a settled one that went alone (then: its own id)
  workflow_id       text,
  -- the process that holds it in memory; of no meaning once a workflow carries it
  claimed_by        bigint,
  -- the process that makes an attempt for its workflow, and which: of no meaning once that one is in the log
  attempting_by     bigint,
  attempting_number integer,
  created_at        timestamptz NOT NULL,
  completed_at      timestamptz,
  PRIMARY KEY (tenant_id, id)
) PARTITION BY RANGE (id);
-- Workflows and claims know ids alone.
CREATE INDEX deliveries_by_id ON deliveries (id);
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint_id, id);
CREATE INDEX deliveries_by_event ON deliveries (tenant_id, event_uid);
CREATE INDEX deliveries_unusual ON deliveries (tenant_id, status, id)
  WHERE status IN ('retrying', 'failed', 'held', 'cancelled');
CREATE INDEX deliveries_unusual_by_endpoint ON deliveries (endpoint_id, status, id)
  WHERE status IN ('retrying', 'failed', 'held', 'cancelled');
-- What no workflow carries yet. Either nobody has claimed it: the claimer's only way in. Or a process has.
CREATE INDEX deliveries_waiting ON deliveries (endpoint_id, status, id)
  WHERE workflow_id IS NULL AND claimed_by IS NULL AND status IN ('pending', 'retrying');
CREATE INDEX deliveries_claimed ON deliveries (claimed_by, endpoint_id, id)
  WHERE workflow_id IS NULL AND claimed_by IS NOT NULL AND status IN ('pending', 'retrying');
-- By endpoint: what is released when it is enabled, and with the next and the others what is cancelled with it.
CREATE INDEX deliveries_held ON deliveries (endpoint_id, id) WHERE status = 'held';
CREATE INDEX deliveries_carried ON deliveries (endpoint_id, id)
  WHERE workflow_id IS NOT NULL AND status IN ('pending', 'retrying');
-- The order in which workflows are looked at for whether they are still there.
CREATE INDEX deliveries_due ON deliveries (next_attempt_at, workflow_id)
  WHERE workflow_id IS NOT NULL AND status = 'retrying';
CREATE INDEX deliveries_by_workflow ON deliveries (workflow_id)
  WHERE workflow_id IS NOT NULL AND status IN ('pending', 'retrying');
CREATE INDEX deliveries_carried_pending ON deliveries (id) WHERE workflow_id IS NOT NULL AND status = 'pending';
CREATE TABLE deliveries_default PARTITION OF deliveries DEFAULT WITH (fillfactor = 90);

-- A delivery's attempts lie in the partition of its day, whenever they were made.
CREATE TABLE attempts (
  tenant_id            text NOT NULL,
  delivery_id          text COLLATE "C" NOT NULL,
  number               integer NOT NULL,
  trigger              text NOT NULL,
  started_at           timestamptz NOT NULL,
  duration_ms          double precision NOT NULL,
  url                  text NOT NULL,
  method               text NOT NULL,
  status_code          integer,
  error_class          text,
  error_message        text,
  -- what is odd about an answer that counts all the same, or about this row
  remark               text,
  retry_after_seconds  integer,
  request_headers      json NOT NULL,
  response_headers     json NOT NULL,
  -- null: dropped before its time (PAYLOAD_RETENTION_DAYS)
  response_body        text,
  response_body_bytes  bigint NOT NULL,
  PRIMARY KEY (tenant_id, delivery_id, number)
) PARTITION BY RANGE (delivery_id);
CREATE TABLE attempts_default PARTITION OF attempts DEFAULT;

-- Processes that take deliveries into memory. One whose heartbeat stops is dead, and what it held is taken over.
CREATE TABLE processes (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  role          text NOT NULL,
  started_at    timestamptz NOT NULL DEFAULT now(),
  heartbeat_at  timestamptz NOT NULL DEFAULT now()
);

-- Down Migration

DROP TABLE processes, attempts, deliveries, event_keys, events, endpoints, tenants;
