import { createBatcher } from '../batcher.ts';
import { CHANNELS } from './listener.ts';
import type { Queryable } from './pool.ts';

/** Tells the workers that deliveries wait: at once, and what comes while that is under way shares the next call. */
export function createWaitingNotifier(db: Queryable): () => void {
  const batcher = createBatcher<null, null>({
    maxItems: Infinity,
    concurrency: 1,
    async run(calls) {
      // A notification that is lost costs time only: workers look every ten seconds anyway.
      await db.query({ text: `SELECT pg_notify($1, '')`, values: [CHANNELS.waiting] }).catch(() => {});
      return calls;
    },
  });
  return () => void batcher.submit(null);
}
