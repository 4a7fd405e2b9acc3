import { codeOf, isConnectionError, type Connections, type Queryable } from './pool.ts';

const MAX_TRIES = 3;
const DEADLOCK = '40P01';

/** Runs `work` in one transaction, and once more when another stood in each other's way. Throws what `work` throws. */
export async function transaction<T>(pool: Connections, work: (db: Queryable) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await once(pool, work);
    } catch (error) {
      if (codeOf(error) !== DEADLOCK || tries === MAX_TRIES) throw error;
    }
  }
}

async function once<T>(pool: Connections, work: (db: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    // One that hangs or leads to the wrong server, or cannot even roll back, is thrown away, and with it the transaction.
    if (isConnectionError(error)) client.release(error as Error);
    else {
      await client.query('ROLLBACK').then(
        () => client.release(),
        (broken: Error) => client.release(broken),
      );
    }
    throw error;
  }
}
