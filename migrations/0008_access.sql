-- Up Migration

-- Keys of callers. Only a digest is kept: who reads the database can use none of them.
CREATE TABLE api_keys (
  id            text COLLATE "C" PRIMARY KEY,
  -- null: for all tenants
  tenant_id     text,
  name          text NOT NULL,
  -- SHA-256 of the whole key
  digest        bytea NOT NULL UNIQUE,
  -- the beginning of the key, so that people can tell which it is
  prefix        text NOT NULL,
  scopes        text[] NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  expires_at    timestamptz,
  revoked_at    timestamptz,
  last_used_at  timestamptz
);
CREATE INDEX api_keys_by_tenant ON api_keys (tenant_id, id) WHERE tenant_id IS NOT NULL;

-- What signs tenant tokens, sealed. The newest signs; older ones verify until what they signed has expired.
CREATE TABLE token_keys (
  id          text COLLATE "C" PRIMARY KEY,
  secret      text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now()
);

-- In every token of the tenant: another one, and none of them is valid any more. A tenant that is made anew has another.
ALTER TABLE tenants ADD COLUMN token_epoch uuid NOT NULL DEFAULT gen_random_uuid();

-- Down Migration

ALTER TABLE tenants DROP COLUMN token_epoch;
DROP TABLE token_keys, api_keys;
