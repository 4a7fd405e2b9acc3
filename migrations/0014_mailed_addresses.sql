-- Up Migration

-- How many mails an address has got in an hour, whichever tenants name it: nobody has asked its owner. Kept for two hours.
CREATE TABLE mailed_addresses (
  -- SHA-256 of the address: it stands elsewhere, and this is nobody's business
  address       text COLLATE "C" NOT NULL,
  hour          timestamptz NOT NULL,
  mails         int NOT NULL DEFAULT 1,
  PRIMARY KEY (hour, address)
);

-- Down Migration

DROP TABLE mailed_addresses;
