/** CTEs over `changed`, the row of an endpoint that a statement makes or changes: who is told of it. */
import { NOTICE_ID } from './note-exhausted.ts';
import { hostOf, newsFrom } from './news.ts';

/** Of an endpoint that was there: whether it was enabled is asked of the row as it was. */
export const UPDATED = `
  CASE WHEN NOT x.enabled AND (SELECT b.enabled FROM endpoints b WHERE b.id = x.endpoint_id) THEN 'endpoint.disabled'
       ELSE 'endpoint.updated' END`;

/** Of settings the names, no values: they may be secrets. What goes along with another is left out. */
const GOES_ALONG = new Set([
  'slowed_until',
  'release',
  'previous_secrets',
  'disabled_reason',
  'origin',
  'idempotency_key',
]);

/** `type`: SQL about the endpoint `x`. `columns`: those that were written. */
export const tellOf = (type: string, columns: string[] = []): string => {
  const names = JSON.stringify(columns.filter((name) => !GOES_ALONG.has(name)));
  const data = { enabled: 'x.enabled', reason: 'x.disabled_reason', changed: `'${names}'::json` };
  return `
  as_told AS (SELECT c.*, c.id AS endpoint_id FROM changed c),
  told_news AS (${newsFrom('as_told', type, data, hostOf('x.url'))})`;
};

/** It has answered 410: the people behind it are told. */
export const NOTE_GONE = `
  noted AS (
    INSERT INTO notices (tenant_id, id, endpoint_id, kind, reason, last_status_code)
    SELECT tenant_id, ${NOTICE_ID}, id, 'endpoint.disabled', disabled_reason, 410 FROM changed)`;

/** It has answered a probe and is enabled. */
export const TELL_RECOVERED = `
  as_told AS (SELECT c.*, c.id AS endpoint_id FROM changed c),
  told_news AS (${newsFrom('as_told', `'endpoint.recovered'`, { failing_since: 'NULL::timestamptz', by: `'probe'` }, hostOf('x.url'))}),
  noted AS (
    INSERT INTO notices (tenant_id, id, endpoint_id, kind, reason)
    SELECT tenant_id, ${NOTICE_ID}, id, 'endpoint.recovered', 'probe' FROM changed)`;
