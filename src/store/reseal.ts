import { placeOf, type SealedColumn } from './endpoint-row.ts';
import type { Pool, Queryable } from './pool.ts';
import { UnsealError, type Seal } from './seal.ts';
import { transaction } from './transaction.ts';

export interface ResealCounts {
  endpoints: number;
  /** Of these: sealed anew, sealed with the newest key already, and with something in them that no key opens. */
  resealed: number;
  current: number;
  unreadable: number;
}

interface SealedRow {
  id: string;
  secret: string | null;
  previous_secrets: { secret: string; valid_until: string }[];
  signing_key: string | null;
  client_certificate: string | null;
  auth: string | null;
  headers: string;
  origin: string | null;
}

const BATCH = 500;

/**
 * Seals everything with the newest key that an older one sealed, or none. A batch is a transaction that locks its rows,
 * so processes may go on meanwhile, and what was interrupted begins again without doing anything twice.
 */
export async function resealAll(
  pool: Pool,
  seal: Seal,
  onUnreadable: (endpointId: string, reason: string) => void,
): Promise<ResealCounts> {
  const counts: ResealCounts = { endpoints: 0, resealed: 0, current: 0, unreadable: 0 };
  for (let after: string | undefined = ''; after !== undefined;) {
    const from: string = after;
    const batch = await transaction(pool, (db) => resealBatch(db, seal, from));
    for (const { row, resealed, problems } of batch) {
      for (const problem of problems) onUnreadable(row.id, problem);
      counts.endpoints += 1;
      if (problems.length > 0) counts.unreadable += 1;
      else if (resealed) counts.resealed += 1;
      else counts.current += 1;
    }
    after = batch.at(-1)?.row.id;
  }
  return counts;
}

interface ResealedRow {
  row: SealedRow;
  /** Null: nothing in it had to change. */
  resealed: SealedRow | null;
  problems: string[];
}

/** Within a transaction. Returns what became of each row after the id; none: there are no more. */
async function resealBatch(db: Queryable, seal: Seal, after: string): Promise<ResealedRow[]> {
  const { rows } = await db.query<SealedRow>({
    text: `SELECT id, secret, previous_secrets, signing_key, client_certificate, auth, headers, origin FROM endpoints
            WHERE id > $1 AND deleted_at IS NULL ORDER BY id LIMIT $2 FOR UPDATE`,
    values: [after, BATCH],
  });
  const batch = rows.map((row) => ({ row, ...resealRow(row, seal) }));
  const changed = batch.flatMap(({ resealed }) => resealed ?? []);
  if (changed.length > 0) await update(db, changed);
  return batch;
}

/** The row as it should be, null when nothing in it has to change. What cannot be opened stays as it is. */
function resealRow(row: SealedRow, seal: Seal): Omit<ResealedRow, 'row'> {
  const problems: string[] = [];
  let changed = false;
  function anew(column: SealedColumn, stored: string): string {
    if (seal.isCurrent(stored)) return stored;
    const place = placeOf(row.id, column);
    try {
      const sealed = seal.close(seal.open(stored, place), place);
      changed = true;
      return sealed;
    } catch (error) {
      if (!(error instanceof UnsealError)) throw error;
      problems.push(`its ${column} cannot be read: ${error.message}`);
      return stored;
    }
  }
  const resealed: SealedRow = {
    id: row.id,
    secret: row.secret === null ? null : anew('secret', row.secret),
    previous_secrets: row.previous_secrets.map((previous) => ({
      ...previous,
      secret: anew('previous_secrets', previous.secret),
    })),
    signing_key: row.signing_key === null ? null : anew('signing_key', row.signing_key),
    client_certificate:
      row.client_certificate === null ? null : anew('client_certificate', row.client_certificate),
    auth: row.auth === null ? null : anew('auth', row.auth),
    headers: anew('headers', row.headers),
    origin: row.origin === null ? null : anew('origin', row.origin),
  };
  return { resealed: changed ? resealed : null, problems };
}

/** `updated_at` stays: nobody changed the endpoint. */
async function update(db: Queryable, rows: SealedRow[]): Promise<void> {
  await db.query({
    text: `UPDATE endpoints e SET secret = n.secret, previous_secrets = n.previous_secrets, auth = n.auth, headers = n.headers,
                  origin = n.origin, signing_key = n.signing_key,
                  client_certificate = n.client_certificate
             FROM unnest($1::text[], $2::text[], $3::json[], $4::text[], $5::text[], $6::text[], $7::text[],
                         $8::text[])
               AS n (id, secret, previous_secrets, auth, headers, origin, signing_key, client_certificate)
            WHERE e.id = n.id`,
    values: [
      rows.map((row) => row.id),
      rows.map((row) => row.secret),
      rows.map((row) => JSON.stringify(row.previous_secrets)),
      rows.map((row) => row.auth),
      rows.map((row) => row.headers),
      rows.map((row) => row.origin),
      rows.map((row) => row.signing_key),
      rows.map((row) => row.client_certificate),
    ],
  });
}
