/** What a statement costs in pages, whatever else the machine does. */
import type pg from 'pg';
import type { Queryable } from '../../src/store/pool.ts';

interface Plan {
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
}

/** `generic`: as a prepared statement is carried out once its plan is kept. `custom`: planned for its values. */
export type Planning = 'generic' | 'custom';

let plans = 0;

/** Pages that the statements of `run` touch, all together; changes nothing, and answers them as `answer` says. */
export async function pagesOf(
  pool: pg.Pool,
  run: (db: Queryable) => Promise<unknown>,
  planning: Planning = 'generic',
  answer: 'nothing' | 'rows' = 'nothing',
): Promise<number> {
  const client = await pool.connect();
  try {
    let pages = 0;
    const explained = {
      async query({ text, values = [] }: pg.QueryConfig) {
        const name = `plan-${(plans += 1)}`;
        const types = values.length > 0 ? `(${values.map(typeOf).join(', ')})` : '';
        await client.query(`PREPARE "${name}" ${types} AS ${text}`);
        await client.query(`BEGIN; SET LOCAL plan_cache_mode = force_${planning}_plan`);
        const literals = values.length > 0 ? `(${values.map(literal).join(', ')})` : '';
        const { rows } = await client.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
          `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE "${name}" ${literals}`,
        );
        await client.query('ROLLBACK');
        const { Plan: plan } = rows[0]!['QUERY PLAN'][0]!;
        pages += plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
        return answer === 'rows' ? client.query(text, values) : { rows: [] };
      },
    };
    await run(explained as unknown as Queryable);
    return pages;
  } finally {
    client.release();
  }
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return typeof value[0] === 'number' ? 'int[]' : 'text[]';
  return typeof value === 'number' ? 'bigint' : 'unknown';
}

function literal(value: unknown): string {
  if (value === null) return 'NULL';
  if (Array.isArray(value)) return `'{${value.join(',')}}'`;
  if (value instanceof Date) return `'${value.toISOString()}'`;
  return typeof value === 'number' ? String(value) : `'${value as string}'`;
}
