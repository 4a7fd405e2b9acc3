-- Up Migration

-- The Idempotency-Key of the request that began it, and a SHA-256 of what that meant.
ALTER TABLE replays ADD COLUMN idempotency_key text COLLATE "C", ADD COLUMN request_hash text;
CREATE UNIQUE INDEX replays_by_idempotency_key ON replays (tenant_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;

-- Down Migration

DROP INDEX replays_by_idempotency_key;
ALTER TABLE replays DROP COLUMN idempotency_key, DROP COLUMN request_hash;
