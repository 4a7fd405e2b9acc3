import pg from 'pg';

export type Pool = pg.Pool;

/** What a statement needs: a pool, or one client of it inside a transaction. */
export interface Queryable {
  query<R extends pg.QueryResultRow>(config: pg.QueryConfig): Promise<pg.QueryResult<R>>;
}

/** int8 comes as a number: ours are counts and process ids, far below 2^53. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export function createPool(databaseUrl: string, maxConnections: number): Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: maxConnections,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    application_name: 'posthorn',
    // A statement that hangs must not hold a group commit for ever.
    statement_timeout: 30_000,
    // And a server that is gone without a word answers nothing at all.
    query_timeout: 35_000,
  });
  // An idle connection that breaks (Postgres restarted) is replaced at its next use; without a listener
  // node-postgres would end the process.
  pool.on('error', () => {});
  return pool;
}

/** Connection lost, server starting or stopping, no connection to be had, statement timed out or deadlocked: worth another try. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: string }).code ?? '';
  return (
    /^(08|57|53|40P01)/.test(code) ||
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'].includes(code) ||
    /connection terminated|timeout exceeded when trying to connect|connection timeout|not queryable/i.test(
      error.message,
    )
  );
}
