import pg from 'pg';
import { expect, inject, it } from 'vitest';
import { arrayLiteral } from '../../src/store/array-literal.ts';

const WORDS = [
  ...['dlv_01a22765c50170c2b1da860aae303289', null, 'succeeded', '', 'NULL', 'null', 'nullable'],
  ...[
    'a,b',
    '{',
    '}',
    '{x,y}',
    '"',
    'a"b',
    '\\',
    'a\\"b',
    ' a ',
    'a b',
    '\n',
    '\t',
    "'; SELECT 1 --",
    '$1',
    'ü😀',
    '\u00a0',
  ],
];

it('an array arrives in Postgres as it is', async () => {
  const client = new pg.Client({ connectionString: inject('databaseAdminUrl') });
  await client.connect();
  const { rows } = await client.query(
    'SELECT $1::text[] AS words, $2::timestamptz[] AS times, $3::float8[] AS numbers, $4::int[] AS none',
    [
      arrayLiteral(WORDS),
      arrayLiteral(['2026-11-29T13:00:00.125Z', null]),
      arrayLiteral([0, 1.5, 1e-7, -3, null, 1e300]),
      arrayLiteral([]),
    ],
  );
  await client.end();
  expect(rows[0]).toEqual({
    words: WORDS,
    times: [new Date('2026-11-29T13:00:00.125Z'), null],
    numbers: [0, 1.5, 1e-7, -3, null, 1e300],
    none: [],
  });
});
