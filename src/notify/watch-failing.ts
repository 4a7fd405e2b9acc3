import type { Logger } from 'pino';
import { dueFailingEndpoints, stepFailingEndpoint } from '../store/failing-endpoints.ts';
import type { Pool } from '../store/pool.ts';

const AT_ONCE = 100;

/** A pass over endpoints that have failed for so long that something follows. Several workers may make it at once. */
export function createFailingWatch(db: Pool, log: Logger): () => Promise<void> {
  return async () => {
    const due = await dueFailingEndpoints(db, AT_ONCE);
    for (const endpoint of due) {
      if ((await stepFailingEndpoint(db, endpoint)) !== 'disabled') continue;
      log.info(endpoint, 'an endpoint that has failed for long is disabled');
    }
  };
}
