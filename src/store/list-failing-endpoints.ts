/** Which endpoints fail now, of all tenants, for those who run the deployment. */
import { queryPage, type Page } from './list-page.ts';
import type { Queryable } from './pool.ts';

export interface ListedFailing {
  tenantId: string;
  endpointId: string;
  name: string | null;
  url: string | null;
  since: Date;
  lastFailureAt: Date;
  lastStatusCode: number | null;
  lastErrorClass: string | null;
  lastErrorMessage: string | null;
  /** When it will be disabled, or its owner told that it will be; null: never. */
  nextStepAt: Date | null;
  isWarned: boolean;
}

/** Where a page ended. */
export interface FailingPosition {
  sinceMicroseconds: string;
  endpointId: string;
}
export const FAILING_POSITION = /^\d{1,18} ep_[0-9a-z]{1,64}$/;
const POSITION = `(extract(epoch FROM since) * 1000000)::bigint || ' ' || endpoint_id`;

export function parseFailingPosition(text: string): FailingPosition {
  const [sinceMicroseconds, endpointId] = text.split(' ');
  return { sinceMicroseconds: sinceMicroseconds!, endpointId: endpointId! };
}

const ofEndpoint = (column: string): string =>
  `(SELECT e.${column} FROM endpoints e WHERE e.id = scanned.endpoint_id AND e.deleted_at IS NULL) AS ${column}`;

/** Those that began to fail last come first. */
export function listFailingEndpoints(
  db: Queryable,
  limit: number,
  before: FailingPosition | null,
): Promise<Page<ListedFailing>> {
  const values = before ? [before.sinceMicroseconds, before.endpointId] : [];
  const indexed = before
    ? [`(since, endpoint_id) < (timestamptz 'epoch' + $1::bigint * interval '1 microsecond', $2)`]
    : ['true'];
  return queryPage<ListedFailing>(db, {
    table: 'failing_endpoints',
    order: ['since', 'endpoint_id'],
    position: POSITION,
    columns: `tenant_id AS "tenantId", endpoint_id AS "endpointId", ${ofEndpoint('name')}, ${ofEndpoint('url')}, since,
      last_failure_at AS "lastFailureAt", last_status_code AS "lastStatusCode", last_error_class AS "lastErrorClass",
      last_error_message AS "lastErrorMessage", next_step_at AS "nextStepAt", warned_at IS NOT NULL AS "isWarned"`,
    ...{ indexed, rest: [], values, indexedValues: values.length, limit },
  });
}
