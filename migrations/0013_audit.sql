-- Up Migration

-- Who changed what, and when: written in the statement or transaction of the change itself.
CREATE TABLE audit_log (
  -- empty: about no tenant (keys, event types), or about a tenant as a whole that may be gone by now
  tenant_id     text NOT NULL,
  id            text COLLATE "C" NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  -- root, key, token, or system: nobody asked for it
  actor_kind    text NOT NULL,
  actor_id      text,
  actor_name    text,
  action        text NOT NULL,
  subject_id    text NOT NULL,
  -- of what changed, without secrets: those are named in `sealed` only
  before        json,
  after         json,
  sealed        text[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_log_by_subject ON audit_log (tenant_id, subject_id, id);
CREATE INDEX audit_log_by_id ON audit_log (id);

-- Down Migration

DROP TABLE audit_log;
