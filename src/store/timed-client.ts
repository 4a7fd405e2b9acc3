import pg from 'pg';

type Answer = (error: Error, result: pg.QueryResult) => void;

/**
 * Clients of a pool that wait so long for each answer. node-postgres' own `query_timeout` comes to the same, but by a function
 * that holds its query and is held by it. V8 moves what hangs on such a ring to the old space, and that is all that waits for
 * the answer: at 500 events a second two thirds of what got there, to be collected in pauses that everybody feels.
 */
export function timedClient(timeoutMs: number): typeof pg.Client {
  class TimedClient extends pg.Client {
    /** A pool gives an answer to be called; whoever has the client to himself waits for a promise. */
    override query(statement: string | pg.QueryConfig, values?: unknown, answer?: Answer): never {
      const query = super.query.bind(this) as (...args: unknown[]) => never;
      if (answer) return query(statement, values, inTime(answer, timeoutMs));
      const config = typeof statement === 'string' ? { text: statement } : statement;
      return query({ ...config, query_timeout: timeoutMs }, values);
    }
  }
  return TimedClient as typeof pg.Client;
}

/** What comes after that goes nowhere: the pool takes the first answer, and closes a connection that has failed. */
function inTime(answer: Answer, timeoutMs: number): Answer {
  const timer = setTimeout(refuse, timeoutMs, answer as (error: Error) => void);
  return (error, result) => {
    clearTimeout(timer);
    answer(error, result);
  };
}

function refuse(answer: (error: Error) => void): void {
  answer(new Error('Query read timeout'));
}
