/** How many mails an address gets in an hour, whoever names it: an address is somebody's who was never asked. */
import { hash } from 'node:crypto';
import type { Queryable } from './pool.ts';

const keyOf = (address: string): string => hash('sha256', address.toLowerCase(), 'hex');

/** Addresses that may get a mail now, which is counted. */
export interface GrantedMails {
  addresses: string[];
  hour: Date;
}

/**
 * Counts a mail for each address that has not had so many in this hour, and grants those: in one statement, so that all
 * processes together keep to it. Forgets hours that are over.
 */
export async function grantMails(
  db: Queryable,
  addresses: string[],
  mailsPerAddress: number,
): Promise<GrantedMails> {
  const { rows } = await db.query<{ address: string; hour: Date }>({
    name: 'grant-mails',
    text: `WITH over AS (
             SELECT hour, address FROM mailed_addresses WHERE hour < now() - interval '2 hours' LIMIT 1000 FOR UPDATE SKIP LOCKED
           ), gone AS (
             DELETE FROM mailed_addresses m USING over WHERE m.hour = over.hour AND m.address = over.address
           )
           INSERT INTO mailed_addresses AS m (address, hour)
           SELECT address, date_trunc('hour', now()) FROM (SELECT DISTINCT address FROM unnest($1::text[]) AS a (address) ORDER BY 1) AS each
               ON CONFLICT (hour, address) DO UPDATE SET mails = m.mails + 1 WHERE m.mails < $2
           RETURNING address, hour`,
    values: [addresses.map(keyOf), mailsPerAddress],
  });
  const granted = new Set(rows.map(({ address }) => address));
  return {
    addresses: addresses.filter((address) => granted.has(keyOf(address))),
    hour: rows[0]?.hour ?? new Date(),
  };
}

/** What was granted for these addresses was of no use: they did not get it. */
export async function returnMails(db: Queryable, addresses: string[], hour: Date): Promise<void> {
  if (addresses.length === 0) return;
  await db.query({
    name: 'return-mails',
    text: `WITH each AS (
             SELECT hour, address FROM mailed_addresses WHERE hour = $2 AND address = ANY ($1) ORDER BY address FOR UPDATE
           )
           UPDATE mailed_addresses m SET mails = m.mails - 1 FROM each WHERE m.hour = each.hour AND m.address = each.address`,
    values: [addresses.map(keyOf), hour],
  });
}
