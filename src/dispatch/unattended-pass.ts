import type { Logger } from 'pino';
import type { Queryable } from '../store/pool.ts';
import { findAgainSoon, findUnattendedWork, type UnattendedWork } from '../store/unattended-work.ts';
import type { ReleaseWorkflows, ReplayWorkflows } from '../temporal/long-work.ts';

export interface UnattendedPassDeps {
  db: Queryable;
  longWork: ReplayWorkflows & ReleaseWorkflows;
  log: Logger;
}

/**
 * A pass of the sweep: replays and releases whose workflow was never started, since Temporal was away, or is gone, or was
 * terminated, get another. One that is at work goes on as it is, and one that sleeps looks whether its replay has ended.
 */
export function createUnattendedPass({ db, longWork, log }: UnattendedPassDeps): () => Promise<void> {
  return async () => {
    const { replays, releases } = await findUnattendedWork(db);
    const left: UnattendedWork = { replays: [], releases: [] };
    await Promise.all([
      ...replays.map((replay) => longWork.wakeReplay(replay).catch(() => left.replays.push(replay))),
      ...releases.map((release) => longWork.ensureRelease(release).catch(() => left.releases.push(release))),
    ]);
    const workflows = left.replays.length + left.releases.length;
    if (workflows === 0) return;
    log.warn({ workflows }, 'workflows of replays or releases could not be started; later');
    await findAgainSoon(db, left);
  };
}
