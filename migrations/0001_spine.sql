-- Up Migration

CREATE TABLE tenants (
  id          text PRIMARY KEY,
  name        text,
  metadata    json NOT NULL DEFAULT '{}',
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now()
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
  deleted_at              timestamptz
);
CREATE INDEX endpoints_by_tenant ON endpoints (tenant_id, id) WHERE deleted_at IS NULL;

-- Ids are the caller's own or ours. `data` is the compact JSON text that every attempt sends: text, not
-- jsonb, because the bytes must never change.
CREATE TABLE events (
  tenant_id        text NOT NULL,
  id               text NOT NULL,
  type             text NOT NULL,
  environment      text NOT NULL,
  "timestamp"      timestamptz NOT NULL,
  data             text NOT NULL,
  -- Set when the caller sent Idempotency-Key; the hash tells a repeat from another request under that key.
  idempotency_key  text,
  request_hash     text,
  created_at       timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX events_by_time ON events (tenant_id, created_at, id);
CREATE UNIQUE INDEX events_by_idempotency_key ON events (tenant_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;

-- Ids sort by time of creation (UUID v7), so a list pages by id alone. No foreign keys here and on
-- attempts: their checks cost a quarter of an insert, and rows are only ever written by us.
CREATE TABLE deliveries (
  id                text PRIMARY KEY,
  tenant_id         text NOT NULL,
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
  created_at        timestamptz NOT NULL,
  completed_at      timestamptz
) WITH (fillfactor = 90);
CREATE INDEX deliveries_by_tenant ON deliveries (tenant_id, id);
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint_id, id);
CREATE INDEX deliveries_by_event ON deliveries (tenant_id, event_id);
CREATE INDEX deliveries_unusual ON deliveries (tenant_id, status, id)
  WHERE status IN ('retrying', 'failed', 'held', 'cancelled');
-- What no workflow carries yet: the sweep's and the claimer's only way in.
CREATE INDEX deliveries_waiting ON deliveries (endpoint_id, id)
  WHERE workflow_id IS NULL AND status IN ('pending', 'retrying');
CREATE INDEX deliveries_overdue ON deliveries (next_attempt_at) WHERE status = 'retrying';
CREATE INDEX deliveries_by_workflow ON deliveries (workflow_id)
  WHERE workflow_id IS NOT NULL AND status IN ('pending', 'retrying');

CREATE TABLE attempts (
  delivery_id          text NOT NULL,
  number               integer NOT NULL,
  trigger              text NOT NULL,
  started_at           timestamptz NOT NULL,
  duration_ms          double precision NOT NULL,
  url                  text NOT NULL,
  method               text NOT NULL,
  status_code          integer,
  error_class          text,
  error_message        text,
  retry_after_seconds  integer,
  request_headers      json NOT NULL,
  response_headers     json NOT NULL,
  response_body        text NOT NULL,
  response_body_bytes  bigint NOT NULL,
  PRIMARY KEY (delivery_id, number)
);

-- Processes that take deliveries into memory. One whose heartbeat stops is dead, and what it held is taken over.
CREATE TABLE processes (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  role          text NOT NULL,
  started_at    timestamptz NOT NULL DEFAULT now(),
  heartbeat_at  timestamptz NOT NULL DEFAULT now()
);

-- Down Migration

DROP TABLE processes, attempts, deliveries, events, endpoints, tenants;
