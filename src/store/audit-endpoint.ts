/** What the audit log says of a change of an endpoint: the row before and after, without what is sealed. */
import { audited } from './audit.ts';
import { SEALED_COLUMNS } from './endpoint-row.ts';

/** Beside the sealed ones: what says nothing to people, or changes with everything. */
const SILENT = ['idempotency_key', 'updated_at', 'created_at', 'tenant_id', 'probe_look_at'];
const SHOWN = `ARRAY[${[...SEALED_COLUMNS, ...SILENT].map((name) => `'${name}'`).join(', ')}]`;

/** The columns of `row` that differ in `other`, as JSON. */
const differing = (row: string, other: string): string => `
  (SELECT json_object_agg(d.key, d.value) FROM jsonb_each(to_jsonb(${row}) - ${SHOWN}) d
    WHERE d.value IS DISTINCT FROM (to_jsonb(${other}) - ${SHOWN}) -> d.key)`;

/** Which of the sealed columns are other ones now. */
const changedSeals = `ARRAY(SELECT s.name FROM unnest(ARRAY[${SEALED_COLUMNS.filter(
  (name) => name !== 'origin',
)
  .map((name) => `'${name}'`)
  .join(', ')}]) s (name) WHERE to_jsonb(c) -> s.name IS DISTINCT FROM to_jsonb(b) -> s.name)`;

/**
 * A CTE over `changed`, the row of an endpoint that a statement makes or changes. The statement sees the row as it was.
 * `action`: SQL, in which `b` is the row before, and `c` the one after. At `place` are facts that are no columns, as
 * JSON or null; the actor's parameters follow.
 */
export const auditOf = (action: string, place: number): string =>
  audited('changed c LEFT JOIN endpoints b ON b.id = c.id', place + 1, {
    ...{ tenant: 'c.tenant_id', action, subject: 'c.id', sealed: changedSeals },
    before: `CASE WHEN b.id IS NOT NULL THEN ${differing('b', 'c')} END`,
    after: `CASE WHEN $${place}::jsonb IS NULL THEN ${differing('c', 'b')}
                 ELSE (coalesce(${differing('c', 'b')}::jsonb, '{}') || $${place}::jsonb)::json END`,
  });

export const CHANGED_ACTION = `
  CASE WHEN b.enabled AND NOT c.enabled THEN 'endpoint.disabled' WHEN c.enabled AND NOT b.enabled THEN 'endpoint.enabled'
       WHEN c.secret IS DISTINCT FROM b.secret THEN 'endpoint.secret_rotated' ELSE 'endpoint.updated' END`;
