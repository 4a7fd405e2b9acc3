-- Up Migration

-- The deployment's own event types, beside those of the profiles.
CREATE TABLE event_types (
  name                  text COLLATE "C" PRIMARY KEY,
  description           text,
  group_name            text,
  -- JSON text, as it was given
  schema                text,
  example               text,
  -- made from the schema, since none was given
  example_is_generated  boolean NOT NULL DEFAULT false,
  -- payloads are checked when they are published
  validate              boolean NOT NULL DEFAULT false,
  archived              boolean NOT NULL DEFAULT false,
  deprecated            boolean NOT NULL DEFAULT false,
  -- that of the catalogue when it was last changed
  revision              bigint NOT NULL,
  created_at            timestamptz NOT NULL DEFAULT now(),
  updated_at            timestamptz NOT NULL DEFAULT now()
);

-- One row: counts changes, one at a time, so that every process can tell whether what it knows is still so.
CREATE TABLE catalogue (
  only_one  boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  revision  bigint NOT NULL
);
INSERT INTO catalogue (revision) VALUES (0);

-- Down Migration

DROP TABLE catalogue, event_types;
