/** An id of ours as SQL, for rows that a statement makes: like those of src/ids.ts, it sorts by time of creation. */
export const newIdSql = (prefix: string): string => `
  '${prefix}_' || lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
    || substr(replace(gen_random_uuid()::text, '-', ''), 1, 20)`;
