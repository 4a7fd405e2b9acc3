import type { Logger } from 'pino';
import { claimProbes, lookAgainAtProbes } from '../store/claim-probes.ts';
import type { Pool } from '../store/pool.ts';
import type { NoticeWorkflows } from '../temporal/notice-workflows.ts';

export interface ProbeWatchDeps {
  db: Pool;
  workflows: Pick<NoticeWorkflows, 'probe'>;
  temporalIsConnected(): boolean;
  log: Logger;
}

const AT_ONCE = 50;
const AGAIN_SECONDS = 10;

/** A pass that sees to it that endpoints which want to be probed have a workflow for it. */
export function createProbeWatch({ db, workflows, temporalIsConnected, log }: ProbeWatchDeps) {
  return async (): Promise<void> => {
    for (let claimed = AT_ONCE; claimed === AT_ONCE && temporalIsConnected();) {
      const endpoints = await claimProbes(db, AT_ONCE);
      claimed = endpoints.length;
      if (claimed === 0) return;
      const results = await Promise.allSettled(
        endpoints.map(({ tenantId, endpointId }) => workflows.probe(tenantId, endpointId)),
      );
      const failed = endpoints.filter((_, index) => results[index]!.status === 'rejected');
      if (failed.length === 0) continue;
      log.warn({ endpoints: failed.length }, 'workflows that probe could not be started; they will be');
      await lookAgainAtProbes(
        db,
        failed.map(({ endpointId }) => endpointId),
        AGAIN_SECONDS,
      );
    }
  };
}
