/** Partitions that are gone through rather than dropped, a piece at a time. */
import { ENDED } from '../lifecycle.ts';
import type { Queryable } from './pool.ts';
import { statusList } from './status-sql.ts';

/** 8-KiB pages of a table that one statement goes through: some 10,000 rows. */
const PAGES = 250;

/** Called between pieces. */
export type OnPiece = () => void;

async function pagesOf(db: Queryable, table: string): Promise<number> {
  const { rows } = await db.query<{ pages: number }>({
    text: `SELECT pg_relation_size($1::regclass) / current_setting('block_size')::int AS pages`,
    values: [table],
  });
  return Number(rows[0]!.pages);
}

/** Runs a statement on a table, range of pages after range of pages: `$1` and `$2` are their bounds. Returns the rows changed. */
async function inPieces(
  db: Queryable,
  table: string,
  text: string,
  values: unknown[],
  onPiece: OnPiece,
): Promise<number> {
  const pages = await pagesOf(db, table);
  let changed = 0;
  for (let page = 0; page < pages; page += PAGES) {
    const bounds = [`(${page},0)`, `(${page + PAGES},0)`];
    const result = await db.query({ text, values: [...bounds, ...values] });
    changed += result.rowCount ?? 0;
    onPiece();
  }
  return changed;
}

const PIECE = `t.ctid >= $1::tid AND t.ctid < $2::tid`;

/**
 * Deletes what has ended from the partitions `<table>_<suffix>`: a day with too much open in it, or `default`. Only what
 * was made before the ids given. Returns the deliveries deleted.
 */
export async function deleteEnded(
  db: Queryable,
  suffix: string,
  before: { deliveryId: string; eventUid: string },
  neededEvents: string[],
  onPiece: OnPiece,
): Promise<number> {
  const [events, deliveries, attempts] = ['events', 'deliveries', 'attempts'].map((t) => `${t}_${suffix}`);
  const deleted = await inPieces(
    db,
    deliveries!,
    `DELETE FROM ${deliveries} t WHERE ${PIECE} AND t.id < $3 AND t.status IN ${statusList(ENDED)}`,
    [before.deliveryId],
    onPiece,
  );
  await inPieces(
    db,
    attempts!,
    `DELETE FROM ${attempts} t WHERE ${PIECE} AND t.delivery_id < $3
        AND NOT EXISTS (SELECT FROM ${deliveries} d WHERE d.tenant_id = t.tenant_id AND d.id = t.delivery_id)`,
    [before.deliveryId],
    onPiece,
  );
  await inPieces(
    db,
    events!,
    `DELETE FROM ${events} t WHERE ${PIECE} AND t.uid < $3 AND t.uid <> ALL ($4)
        AND NOT EXISTS (SELECT FROM ${deliveries} d WHERE d.tenant_id = t.tenant_id AND d.event_uid = t.uid)`,
    [before.eventUid, neededEvents],
    onPiece,
  );
  return deleted;
}

/**
 * Empties events, answers and what templates have made in `<table>_<suffix>`, except of what may still be delivered. Only what was made before the
 * ids given. Returns the events emptied.
 */
export async function dropPayloads(
  db: Queryable,
  suffix: string,
  before: { deliveryId: string; eventUid: string },
  neededEvents: string[],
  onPiece: OnPiece,
): Promise<number> {
  await inPieces(
    db,
    `attempts_${suffix}`,
    `UPDATE attempts_${suffix} t SET response_body = NULL
      WHERE ${PIECE} AND t.delivery_id < $3 AND t.response_body IS NOT NULL`,
    [before.deliveryId],
    onPiece,
  );
  await inPieces(
    db,
    `deliveries_${suffix}`,
    `UPDATE deliveries_${suffix} t SET rendered_body = NULL
      WHERE ${PIECE} AND t.id < $3 AND t.rendered_body IS NOT NULL AND t.event_uid <> ALL ($4)`,
    [before.deliveryId, neededEvents],
    onPiece,
  );
  return inPieces(
    db,
    `events_${suffix}`,
    `UPDATE events_${suffix} t SET data = NULL
      WHERE ${PIECE} AND t.uid < $3 AND t.data IS NOT NULL AND t.uid <> ALL ($4)`,
    [before.eventUid, neededEvents],
    onPiece,
  );
}
