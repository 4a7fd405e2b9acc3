/** What a replay repeats, page by page: never more rows in one statement than a page has. */
import type { Environment } from '../domain.ts';
import { matchesAny } from '../events/pattern.ts';
import { idRange, lowestIdAt } from '../ids.ts';
import { UNENDED, type DeliveryStatus } from '../lifecycle.ts';
import { eventsSeen } from './open-writers.ts';
import type { Queryable } from './pool.ts';
import type { ReplayFilter } from './replays.ts';
import { statusList } from './status-sql.ts';

/** An event that is to be sent again. */
export interface ReplaySource {
  /** Of the delivery that is repeated, or of the event where there is none: the order in which they are made. */
  id: string;
  eventUid: string;
}

export interface SourcePage {
  sources: ReplaySource[];
  /** Where the page has ended. */
  to: string;
  /** There is no more. */
  isLast: boolean;
  /** How long more may come of which nothing can be seen yet; null: there is more to see at once, or no more at all. */
  waitMs: number | null;
}

/** `id`: the replay's own deliveries are none that it could repeat. Empty: of one that is only thought about. */
type Looking = ReplayFilter & { id: string };

/** Rows that a page looks at. */
export const SOURCES_PER_PAGE = 1_000;

/** Before everything that it is about. */
export const beginningOf = ({ kind, since }: ReplayFilter): string =>
  lowestIdAt(kind === 'missing' ? 'evt' : 'dlv', since);

/** What comes after `after`, as far as a page goes, or as far as `limit` sources go. */
export async function findSources(
  db: Queryable,
  looking: Looking,
  after: string,
  limit = SOURCES_PER_PAGE,
): Promise<SourcePage> {
  const found = await (looking.kind === 'missing' ? missingEvents : endedDeliveries)(db, looking, after);
  const sources = found.sources.slice(0, limit);
  return sources.length < found.sources.length ? cut(sources) : found;
}

const cut = (sources: ReplaySource[]): SourcePage => ({
  ...{ sources, to: sources.at(-1)!.id, isLast: false, waitMs: null },
});

interface DeliveryRow {
  id: string;
  eventUid: string;
  eventType: string;
  trigger: string;
  status: DeliveryStatus;
  replayId: string | null;
}

/** In an index of their own, by status: of endpoints that have millions of others, too. */
const UNDELIVERED: readonly DeliveryStatus[] = ['failed', 'cancelled'];

const DELIVERY_COLUMNS = `id, event_uid AS "eventUid", event_type AS "eventType", trigger, status, replay_id AS "replayId"`;

/**
 * Leaves Postgres one way, through the index by endpoint and id, whatever it believes of the endpoint: "endpoint_id = $1" would
 * let it read all ids in their order, and values that it sees would let it sort what it takes for few.
 */
const BETWEEN = `(endpoint_id, id) > ((SELECT $1::text), (SELECT $2::text)) AND id > (SELECT $2::text)
  AND (endpoint_id, id) < ((SELECT $1::text), (SELECT $3::text))`;

async function endedDeliveries(db: Queryable, looking: Looking, after: string): Promise<SourcePage> {
  const { endpointId, statuses, until } = looking;
  const scan = (where: string, order: string) =>
    `(SELECT ${DELIVERY_COLUMNS} FROM deliveries WHERE ${where} ORDER BY ${order} LIMIT ${SOURCES_PER_PAGE})`;
  const areIndexed = statuses.every((status) => UNDELIVERED.includes(status));
  const scans = areIndexed
    ? statuses.map((status) =>
        scan(`endpoint_id = $1 AND status = '${status}' AND id > $2 AND id < $3`, 'id'),
      )
    : [scan(BETWEEN, 'endpoint_id, id')];
  const { rows } = await db.query<DeliveryRow>({
    name: `replay-sources-${areIndexed ? statuses.join('-') : 'any'}`,
    text: `SELECT * FROM (${scans.join(' UNION ALL ')}) AS t ORDER BY id LIMIT ${SOURCES_PER_PAGE}`,
    values: [endpointId, after, lowestIdAt('dlv', until)],
  });
  const fitting = rows.filter(
    (row) =>
      statuses.includes(row.status) &&
      row.trigger !== 'test' &&
      row.replayId !== looking.id &&
      fits(looking, row.eventType),
  );
  const superseded = await supersededOf(db, looking, fitting);
  const sources = fitting.filter(({ id }) => !superseded.has(id));
  return pageOf(rows, sources, after);
}

/**
 * Of an event only its last delivery to the endpoint counts: one that has another after it which will be repeated, too,
 * is under way, or, where it is about what failed, has arrived, is left out.
 */
async function supersededOf(
  db: Queryable,
  looking: Looking,
  rows: Pick<DeliveryRow, 'id' | 'eventUid'>[],
): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const { tenantId, endpointId, kind, statuses, until } = looking;
  const settles: readonly DeliveryStatus[] = kind === 'failed' ? [...UNENDED, 'succeeded'] : UNENDED;
  const ids = rows.map(({ id }) => id);
  const found = await db.query<{ id: string }>({
    name: `replay-superseded-${kind}-${statuses.join('-')}`,
    text: `SELECT c.id FROM unnest($1::text[], $2::text[]) AS c (id, event_uid) CROSS JOIN LATERAL (
             SELECT FROM deliveries x
              WHERE x.tenant_id = $3 AND x.event_uid = c.event_uid AND x.id > c.id AND x.id > $5
                AND x.endpoint_id = $4 AND x.trigger <> 'test' AND x.replay_id IS DISTINCT FROM $6
                AND (x.status IN ${statusList(settles)} OR (x.status IN ${statusList(statuses)} AND x.id < $7))
              LIMIT 1) l`,
    values: [
      ...[ids, rows.map(({ eventUid }) => eventUid), tenantId, endpointId, idRange(ids)[0]],
      ...[looking.id, lowestIdAt('dlv', until)],
    ],
  });
  return new Set(found.rows.map(({ id }) => id));
}

interface EventRow {
  id: string;
  type: string;
  environment: Environment;
}

/** As the endpoint is now: `matching`. */
interface Wants {
  events: string[];
  environments: Environment[];
}

/** What is made is made of events that no older one can come before any more; what is thought about is all that there is. */
async function missingEvents(db: Queryable, looking: Looking, after: string): Promise<SourcePage> {
  const { tenantId, endpointId } = looking;
  const [wants] = (
    await db.query<Wants>({
      name: 'replay-wants',
      text: 'SELECT events, environments FROM endpoints WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL',
      values: [tenantId, endpointId],
    })
  ).rows;
  if (!wants) return { sources: [], to: after, isLast: true, waitMs: null };
  const untilMs = looking.until.getTime();
  // Before the events: what is committed in between is seen.
  const seen = looking.id === '' ? null : await eventsSeen(db);
  const toMs = Math.min(untilMs, seen?.untilMs ?? untilMs);
  const { rows } = await db.query<EventRow>({
    name: 'replay-events',
    text: `SELECT uid AS id, type, environment FROM events
            WHERE tenant_id = $1 AND uid > $2 AND uid < $3 ORDER BY uid LIMIT $4`,
    values: [tenantId, after, lowestIdAt('evt', new Date(toMs)), SOURCES_PER_PAGE],
  });
  const fitting = rows.filter(
    ({ type, environment }) =>
      wants.environments.includes(environment) && matchesAny(wants.events, type) && fits(looking, type),
  );
  const sent = await sentOf(
    db,
    looking,
    fitting.map(({ id }) => id),
  );
  const sources = fitting.filter(({ id }) => !sent.has(id)).map(({ id }) => ({ id, eventUid: id }));
  return pageOf(rows, sources, after, seen?.againInMs(untilMs));
}

/** Events that the endpoint had a delivery of, and test events: those were for one endpoint alone. */
async function sentOf(db: Queryable, looking: Looking, uids: string[]): Promise<Set<string>> {
  if (uids.length === 0) return new Set();
  const { tenantId, endpointId } = looking;
  const { rows } = await db.query<{ uid: string }>({
    name: 'replay-sent',
    text: `SELECT c.uid FROM unnest($1::text[]) AS c (uid) CROSS JOIN LATERAL (
             SELECT FROM deliveries x
              WHERE x.tenant_id = $2 AND x.event_uid = c.uid AND x.id > $5
                AND (x.endpoint_id = $3 OR x.trigger = 'test') AND x.replay_id IS DISTINCT FROM $4
              LIMIT 1) l`,
    // A delivery is never older than its event.
    values: [uids, tenantId, endpointId, looking.id, `dlv_${idRange(uids)[0].slice(4, 16)}`],
  });
  return new Set(rows.map(({ uid }) => uid));
}

const fits = ({ eventTypes }: Looking, type: string): boolean =>
  eventTypes === null || matchesAny(eventTypes, type);

/** `againInMs`: then more may be seen of the time that it is about; 0: all of it is. */
function pageOf(rows: { id: string }[], sources: ReplaySource[], after: string, againInMs = 0): SourcePage {
  const isAll = rows.length < SOURCES_PER_PAGE;
  return {
    sources: sources.map(({ id, eventUid }) => ({ id, eventUid })),
    to: rows.at(-1)?.id ?? after,
    isLast: isAll && againInMs === 0,
    waitMs: isAll && againInMs > 0 ? againInMs : null,
  };
}

/** How many of these events can still be sent: the data of the others has been dropped because of its age. */
export async function countSendable(db: Queryable, tenantId: string, uids: string[]): Promise<number> {
  if (uids.length === 0) return 0;
  const { rows } = await db.query<{ count: number }>({
    name: 'replay-sendable',
    text: `SELECT count(*)::int AS count FROM unnest($2::text[]) AS c (uid) CROSS JOIN LATERAL (
             SELECT FROM events e WHERE e.tenant_id = $1 AND e.uid = c.uid AND e.uid BETWEEN $3 AND $4
                AND e.data IS NOT NULL OFFSET 0) l`,
    values: [tenantId, uids, ...idRange(uids)],
  });
  return rows[0]!.count;
}
