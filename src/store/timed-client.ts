import pg from 'pg';

type Answer = (error: Error, result: pg.QueryResult) => void;

interface Waiting {
  answer: Answer | null;
}

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
      if (!answer) {
        const config = typeof statement === 'string' ? { text: statement } : statement;
        return query({ query_timeout: timeoutMs, ...config }, values);
      }
      const waiting: Waiting = { answer };
      const timer = setTimeout(refuse, timeoutMs, waiting);
      const take: Answer = (error, result) => {
        clearTimeout(timer);
        tell(waiting, error, result);
      };
      try {
        return query(statement, values, take);
      } catch (error) {
        clearTimeout(timer);
        throw error;
      }
    }
  }
  return TimedClient as typeof pg.Client;
}

function refuse(waiting: Waiting): void {
  tell(waiting, new Error('Query read timeout'));
}

/** Once. What comes after that goes nowhere: the pool closes a connection that has failed. */
function tell(waiting: Waiting, error: Error, result?: pg.QueryResult): void {
  const { answer } = waiting;
  waiting.answer = null;
  answer?.(error, result!);
}
