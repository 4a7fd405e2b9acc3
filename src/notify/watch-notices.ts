import type { Logger } from 'pino';
import { claimNotices, type GrantedNotice, type NoticeRules } from '../store/claim-notices.ts';
import { lookAgainAtNotices } from '../store/notices.ts';
import type { Pool } from '../store/pool.ts';
import type { NoticeWorkflows } from '../temporal/notice-workflows.ts';

export interface NoticeWatchDeps {
  db: Pool;
  rules: NoticeRules;
  workflows: NoticeWorkflows;
  temporalIsConnected(): boolean;
  log: Logger;
}

const AT_ONCE = 500;
const STARTED_AT_ONCE = 8;
const AGAIN_SECONDS = 10;

/**
 * A pass over what there is to tell and no workflow tells yet. Notices are written with what they are about, and nobody
 * starts anything then: so nothing is lost between the two. While there is nothing, it is one look into an empty index.
 */
export function createNoticeWatch(deps: NoticeWatchDeps): () => Promise<void> {
  const { db, rules, workflows, temporalIsConnected, log } = deps;

  async function give({ tenantId, endpointId, isNew }: GrantedNotice): Promise<void> {
    await (isNew ? workflows.tell(tenantId, endpointId) : workflows.ensure(tenantId, endpointId));
  }

  /** What could not be given to a workflow comes up again soon, and in any case later. */
  async function giveAll(granted: GrantedNotice[]): Promise<void> {
    for (let from = 0; from < granted.length; from += STARTED_AT_ONCE) {
      const group = granted.slice(from, from + STARTED_AT_ONCE);
      const results = await Promise.allSettled(group.map(give));
      const failed = group.filter((_, index) => results[index]!.status === 'rejected');
      if (failed.length === 0) continue;
      log.warn({ notices: failed.length }, 'workflows that mail could not be started; they will be');
      await lookAgainAtNotices(db, failed, AGAIN_SECONDS);
    }
  }

  return async () => {
    for (;;) {
      // What needs no mail is decided all the same when nothing can be mailed anyway.
      if (rules.canMail && !temporalIsConnected()) return;
      const { looked, granted } = await claimNotices(db, rules, AT_ONCE);
      await giveAll(granted);
      if (looked < AT_ONCE) return;
    }
  };
}
