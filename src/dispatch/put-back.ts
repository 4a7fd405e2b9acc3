import type { Logger } from 'pino';
import { createBatcher } from '../batcher.ts';
import type { Queryable } from '../store/pool.ts';
import { unclaim } from '../store/stray-deliveries.ts';
import type { WaitingEndpoint } from '../store/waiting-endpoints.ts';
import type { Job } from './job.ts';

export interface PutBackDeps {
  db: Queryable;
  processId(): number | null;
  /** Their deliveries wait in the table now. */
  onLeft(endpoints: WaitingEndpoint[]): void;
  log: Logger;
}

const MAX_GROUP = 1_000;

/** Lets go of deliveries that are claimed, were not attempted, and are not due soon: the table is where they wait. */
export function createPutBack({ db, processId, onLeft, log }: PutBackDeps): (job: Job) => void {
  const batcher = createBatcher<Job, null>({
    maxItems: MAX_GROUP,
    concurrency: 1,
    async run(jobs) {
      const id = processId();
      // Taken for dead in the meantime: they are anybody's already.
      if (id !== null)
        await unclaim(
          db,
          id,
          jobs.map(({ deliveryId }) => deliveryId),
        );
      onLeft(jobs.map(({ endpointId, event: { tenantId } }) => ({ tenantId, endpointId })));
      return jobs.map(() => null);
    },
  });
  return (job) => {
    batcher.submit(job).catch((error: unknown) => {
      log.warn(
        { err: error },
        'deliveries that are not due soon are still claimed; the sweep lets go of them',
      );
    });
  };
}
