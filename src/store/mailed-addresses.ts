/** How many mails an address gets in an hour, whoever names it: an address is somebody's who was never asked. */
import { hash } from 'node:crypto';
import type { Queryable } from './pool.ts';

const keyOf = (address: string): string => hash('sha256', address.toLowerCase(), 'hex');
const THIS_HOUR = `date_trunc('hour', now())`;

/** Those among them that have not had so many in this hour. */
export async function notMailedEnough(
  db: Queryable,
  addresses: string[],
  mailsPerAddress: number,
): Promise<string[]> {
  const { rows } = await db.query<{ address: string }>({
    name: 'mailed-enough',
    text: `SELECT address FROM mailed_addresses WHERE hour = ${THIS_HOUR} AND address = ANY ($1) AND mails >= $2`,
    values: [addresses.map(keyOf), mailsPerAddress],
  });
  const enough = new Set(rows.map(({ address }) => address));
  return addresses.filter((address) => !enough.has(keyOf(address)));
}

/** They have got one. Forgets hours that are over. */
export async function noteMailed(db: Queryable, addresses: string[]): Promise<void> {
  if (addresses.length === 0) return;
  await db.query({
    name: 'note-mailed',
    text: `WITH over AS (
             SELECT hour, address FROM mailed_addresses WHERE hour < now() - interval '2 hours' LIMIT 1000 FOR UPDATE SKIP LOCKED
           ), gone AS (
             DELETE FROM mailed_addresses m USING over WHERE m.hour = over.hour AND m.address = over.address
           )
           INSERT INTO mailed_addresses AS m (address, hour)
           SELECT address, ${THIS_HOUR} FROM (SELECT DISTINCT address FROM unnest($1::text[]) AS a (address) ORDER BY 1) AS each
               ON CONFLICT (hour, address) DO UPDATE SET mails = m.mails + 1`,
    values: [addresses.map(keyOf)],
  });
}
