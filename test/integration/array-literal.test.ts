import pg from 'pg';
import { expect, inject, it } from 'vitest';
import { bare } from '../../src/store/array-literal.ts';

it('what needs no quotes arrives in Postgres as it is', async () => {
  const client = new pg.Client({ connectionString: inject('databaseAdminUrl') });
  await client.connect();
  const { rows } = await client.query(
    'SELECT $1::text[] AS words, $2::timestamptz[] AS times, $3::float8[] AS numbers, $4::int[] AS none',
    [
      bare(['dlv_01a22765c50170c2b1da860aae303289', null, 'succeeded']),
      bare(['2026-11-29T13:00:00.125Z', null]),
      bare([0, 1.5, 1e-7, -3, null, 1e300]),
      bare([]),
    ],
  );
  await client.end();
  expect(rows[0]).toEqual({
    words: ['dlv_01a22765c50170c2b1da860aae303289', null, 'succeeded'],
    times: [new Date('2026-11-29T13:00:00.125Z'), null],
    numbers: [0, 1.5, 1e-7, -3, null, 1e300],
    none: [],
  });
});
