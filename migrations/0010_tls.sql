-- Up Migration

ALTER TABLE endpoints
  -- PEM, key included: sealed like the secret
  ADD COLUMN client_certificate  text,
  -- PEM of the authorities that are trusted in place of the public ones
  ADD COLUMN ca                  text;

-- Down Migration

ALTER TABLE endpoints DROP COLUMN client_certificate, DROP COLUMN ca;
