-- Up Migration

-- What becomes of held deliveries after the endpoint was enabled, while that goes on: 'deliver' or 'discard'. The row in
-- releases, and a workflow, own them until it is null again. With 'deliver', what is accepted meanwhile is held, too: it
-- comes after what was there.
ALTER TABLE endpoints ADD COLUMN release text;

-- One for each endpoint that releases. Written while it goes on; gone when it is over.
CREATE TABLE releases (
  tenant_id    text NOT NULL,
  endpoint_id  text NOT NULL,
  per_second   double precision,
  released     bigint NOT NULL DEFAULT 0,
  started_at   timestamptz NOT NULL DEFAULT now(),
  -- what has been released has used up the rate until then
  paced_at     timestamptz NOT NULL DEFAULT now(),
  touched_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, endpoint_id)
);
CREATE INDEX releases_by_touch ON releases (touched_at);

-- The replay that made it.
ALTER TABLE deliveries ADD COLUMN replay_id text COLLATE "C";
CREATE INDEX deliveries_by_replay ON deliveries (replay_id, id) WHERE replay_id IS NOT NULL;
CREATE INDEX deliveries_of_replay_undelivered ON deliveries (replay_id, status, id)
  WHERE replay_id IS NOT NULL AND status <> 'succeeded';

CREATE TABLE replays (
  tenant_id      text NOT NULL,
  id             text COLLATE "C" NOT NULL,
  endpoint_id    text NOT NULL,
  kind           text NOT NULL,
  since          timestamptz NOT NULL,
  until          timestamptz NOT NULL,
  -- of the deliveries that are repeated; empty: of events that had none
  statuses       text[] NOT NULL,
  -- null: all
  event_types    text[],
  -- null: as fast as the endpoint takes them
  per_second     double precision,
  -- running, paused, finishing (all is made, not all has ended), completed, cancelled
  status         text NOT NULL DEFAULT 'running',
  -- why it was cancelled, or why it makes nothing just now
  reason         text,
  -- the last row that was looked at, of deliveries or, for kind missing, of events
  position       text COLLATE "C" NOT NULL,
  made           bigint NOT NULL DEFAULT 0,
  skipped        bigint NOT NULL DEFAULT 0,
  -- counted ahead of that
  counted_to     text COLLATE "C" NOT NULL,
  counted        bigint NOT NULL DEFAULT 0,
  total          bigint,
  -- of those made, when last looked
  open           bigint NOT NULL DEFAULT 0,
  failed         bigint NOT NULL DEFAULT 0,
  cancelled      bigint NOT NULL DEFAULT 0,
  paced_at       timestamptz NOT NULL DEFAULT now(),
  touched_at     timestamptz NOT NULL DEFAULT now(),
  created_at     timestamptz NOT NULL DEFAULT now(),
  -- when all has ended that it made
  completed_at   timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX replays_at_work ON replays (tenant_id, endpoint_id) WHERE status IN ('running', 'paused');
CREATE INDEX replays_unended ON replays (touched_at) WHERE completed_at IS NULL AND status <> 'paused';
CREATE INDEX replays_by_end ON replays (completed_at) WHERE completed_at IS NOT NULL;

-- Down Migration

DROP TABLE replays, releases;
DROP INDEX deliveries_of_replay_undelivered, deliveries_by_replay;
ALTER TABLE deliveries DROP COLUMN replay_id;
ALTER TABLE endpoints DROP COLUMN release;
