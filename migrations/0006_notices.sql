-- Up Migration

ALTER TABLE tenants ADD COLUMN notify_emails text[] NOT NULL DEFAULT '{}';

-- What there is to tell the people behind an endpoint, told or not. Deliveries that fail for good are gathered: a row for
-- each would be a mail for each.
CREATE TABLE notices (
  tenant_id           text NOT NULL,
  id                  text COLLATE "C" NOT NULL,
  endpoint_id         text NOT NULL,
  kind                text NOT NULL,
  -- of a disabling
  reason              text,
  -- how many deliveries, and the first few of them
  deliveries          integer NOT NULL DEFAULT 0,
  delivery_ids        text[] NOT NULL DEFAULT '{}',
  last_status_code    integer,
  last_error_class    text,
  last_error_message  text,
  -- since when the endpoint has not answered 2xx
  failing_since       timestamptz,
  opened_at           timestamptz NOT NULL DEFAULT now(),
  last_at             timestamptz NOT NULL DEFAULT now(),
  -- null: it gathers yet
  closed_at           timestamptz,
  status              text NOT NULL DEFAULT 'waiting',
  -- a code (src/notify/why-not.ts)
  why_not             text,
  -- its place among the mails of its tenant in an hour; null: it is not to be mailed, or that is not decided
  granted_at          timestamptz,
  granted_number      integer,
  -- addresses for which the mail server has taken it, and those that it will never take it for
  accepted            text[] NOT NULL DEFAULT '{}',
  refused             text[] NOT NULL DEFAULT '{}',
  tries               integer NOT NULL DEFAULT 0,
  last_problem        text,
  -- for addresses that the mail server did not take it for yet; null: at once
  next_try_at         timestamptz,
  sent_at             timestamptz,
  -- when a worker must see to it that it is told; null: that is over
  look_at             timestamptz DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX notices_gathering ON notices (endpoint_id)
  WHERE closed_at IS NULL AND kind = 'delivery.exhausted';
CREATE INDEX notices_by_endpoint ON notices (tenant_id, endpoint_id, id);
CREATE INDEX notices_untold ON notices (endpoint_id, opened_at) WHERE look_at IS NOT NULL;
CREATE INDEX notices_to_look_at ON notices (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX notices_granted ON notices (tenant_id, granted_at) WHERE granted_at IS NOT NULL;
-- By age, for retention.
CREATE INDEX notices_by_time ON notices (opened_at);
-- Of all tenants, newest first.
CREATE INDEX notices_by_id ON notices (id);

-- Down Migration

DROP TABLE notices;
ALTER TABLE tenants DROP COLUMN notify_emails;
