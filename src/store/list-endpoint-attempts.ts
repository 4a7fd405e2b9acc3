import type { AttemptErrorClass } from '../domain.ts';
import { idRange } from '../ids.ts';
import { IN_SHORT, type ListedAttempt } from './list-attempts.ts';
import { conditions, queryPage, type Page } from './list-page.ts';
import type { Queryable } from './pool.ts';

/** From the first to the last of them. */
export type StatusRange = [number, number];

export interface AttemptFilter {
  endpointId: string;
  /** Any of them. */
  statuses?: StatusRange[];
  errorClasses?: AttemptErrorClass[];
  /** About `started_at`. */
  since?: Date;
  until?: Date;
}

export interface EndpointAttempt extends ListedAttempt {
  eventId: string | null;
  eventType: string | null;
}

/** Where a page ended. Attempts begin within the same millisecond: the rest of their key tells them apart. */
export interface AttemptPosition {
  startedAt: Date;
  deliveryId: string;
  number: number;
}

const POSITION = `(extract(epoch FROM started_at) * 1000)::bigint || ' ' || delivery_id || ' ' || number`;

export function parsePosition(text: string): AttemptPosition {
  const [ms, deliveryId, number] = text.split(' ');
  return { startedAt: new Date(Number(ms)), deliveryId: deliveryId!, number: Number(number) };
}

/** Of all deliveries of an endpoint, the latest first. That it is the tenant's is for the caller to know. */
export async function listEndpointAttempts(
  db: Queryable,
  tenantId: string,
  filter: AttemptFilter,
  limit: number,
  before: AttemptPosition | null,
): Promise<Page<EndpointAttempt>> {
  const values: unknown[] = [];
  const given = (value: unknown, type: string) => `(SELECT $${values.push(value)}::${type})`;
  // Through the index by endpoint and time, whatever Postgres believes of the endpoint: values that it sees, and "endpoint_id =",
  // would let it sort all rows of an endpoint that it takes for few.
  const endpoint = given(filter.endpointId, 'text');
  const latest =
    before && (!filter.until || before.startedAt < filter.until) ? before.startedAt : filter.until;
  const indexed = [
    `(endpoint_id, started_at) >= (${endpoint}, ${given(filter.since ?? '-infinity', 'timestamptz')})`,
    `(endpoint_id, started_at) <= (${endpoint}, ${given(latest ?? 'infinity', 'timestamptz')})`,
  ];
  if (filter.until) indexed.push(`started_at < ${given(filter.until, 'timestamptz')}`);
  if (before) {
    const place = [
      ...[given(before.startedAt, 'timestamptz'), given(before.deliveryId, 'text')],
      given(before.number, 'int'),
    ];
    indexed.push(`(started_at, delivery_id, number) < (${place.join(', ')})`);
  }
  const indexedValues = values.length;
  const rest = conditions(values, [['error_class = ANY (?::text[])', filter.errorClasses]]);
  if (filter.statuses)
    rest.push(
      `(${filter.statuses.map(([from, to]) => `status_code BETWEEN ${from} AND ${to}`).join(' OR ')})`,
    );
  // Failures are in an index of their own: few among many.
  if (filter.errorClasses || filter.statuses?.every(isFailure)) indexed.push('error_class IS NOT NULL');
  const { rows, end } = await queryPage<ListedAttempt>(db, {
    table: 'attempts',
    order: ['endpoint_id', 'started_at', 'delivery_id', 'number'],
    position: POSITION,
    columns: IN_SHORT,
    ...{ indexed, rest, values, indexedValues, limit },
  });
  const events = await eventsOf(db, tenantId, [...new Set(rows.map((row) => row.deliveryId))]);
  const withEvent = (row: ListedAttempt) => ({
    ...row,
    ...(events.get(row.deliveryId) ?? { eventId: null, eventType: null }),
  });
  return { rows: rows.map(withEvent), end };
}

const isFailure = ([from, to]: StatusRange): boolean => to < 200 || from > 299;

async function eventsOf(db: Queryable, tenantId: string, deliveryIds: string[]) {
  if (deliveryIds.length === 0) return new Map<string, { eventId: string; eventType: string }>();
  const { rows } = await db.query<{ id: string; eventId: string; eventType: string }>({
    text: `SELECT id, event_id AS "eventId", event_type AS "eventType" FROM deliveries
            WHERE tenant_id = $1 AND id = ANY ($2) AND id BETWEEN $3 AND $4`,
    values: [tenantId, deliveryIds, ...idRange(deliveryIds)],
  });
  return new Map(rows.map(({ id, ...event }) => [id, event]));
}
