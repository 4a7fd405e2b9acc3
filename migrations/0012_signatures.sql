-- Up Migration

ALTER TABLE endpoints
  ADD COLUMN signature    text NOT NULL DEFAULT 'hmac',
  -- Ed25519, sealed like the secret; null: it has never been asked for
  ADD COLUMN signing_key  text;

-- Down Migration

ALTER TABLE endpoints DROP COLUMN signature, DROP COLUMN signing_key;
