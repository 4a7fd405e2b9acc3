/** What people are told about their endpoints: found by a pass, mailed by workflows. */
import type { Logger } from 'pino';
import type { Acceptor } from '../accept/accept.ts';
import type { Config } from '../config.ts';
import { isAnythingToTell } from '../store/anything-to-tell.ts';
import type { Pool } from '../store/pool.ts';
import type { NoticeWorkflows } from '../temporal/notice-workflows.ts';
import { createMailer } from './mailer.ts';
import { createPasses } from './passes.ts';
import { createNewsPublisher } from './publish-news.ts';
import { createFailingWatch } from './watch-failing.ts';
import { createProbeWatch } from './watch-probes.ts';
import { createNoticeWatch } from './watch-notices.ts';

/** Shows a mail to whoever develops. */
export type ShowMail = (text: string) => void;

export function openMail({ mail }: Config, showMail: ShowMail | null = null) {
  const { smtpUrl, from, tls, ca, ...rest } = mail;
  const mailer = smtpUrl === null ? null : createMailer({ smtpUrl, from: from!, tls, ca });
  return { ...rest, mailer, show: mailer ? null : showMail };
}

export interface NotifyPassesDeps {
  config: Config;
  db: Pool;
  workflows: NoticeWorkflows;
  acceptor: Acceptor;
  temporalIsConnected(): boolean;
  showMail: ShowMail | null;
  log: Logger;
}

/** Of a worker: sees to what is to be told. */
export function createNotifyPasses({ config, showMail, ...deps }: NotifyPassesDeps) {
  const { smtpUrl, windowSeconds, mailsPerHour } = config.mail;
  const rules = { canMail: smtpUrl !== null || showMail !== null, windowSeconds, mailsPerHour };
  const { db, acceptor, log } = deps;
  // In the order in which one leads to the next.
  const passes = [
    createFailingWatch(db, log),
    createProbeWatch(deps),
    createNoticeWatch({ ...deps, rules }),
    createNewsPublisher(db, acceptor, log),
  ];
  return createPasses(passes, () => isAnythingToTell(db), log);
}
