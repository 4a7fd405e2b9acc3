import { ApplicationFailure, Context } from '@temporalio/activity';
import { composeMail, plain, type MailText } from '../src/notify/mail.ts';
import { MailError, type Mailer, type MailResult } from '../src/notify/mailer.ts';
import type { WhyNot } from '../src/notify/why-not.ts';
import { grantMails, returnMails } from '../src/store/mailed-addresses.ts';
import {
  closeNotice,
  nextNotice,
  noteNotice,
  type ClosedNotice,
  type NextNotice,
} from '../src/store/notices.ts';
import type { Queryable } from '../src/store/pool.ts';

export interface NotifyDeps {
  db: Queryable;
  /** Null: there is no mail server. */
  mailer: Mailer | null;
  /** In development, where mails are shown when there is no mail server; null: nowhere. */
  show: ((text: string) => void) | null;
  windowSeconds: number;
  mailsPerHour: number;
  /** In an hour, whichever tenants name it. */
  mailsPerAddress: number;
  publicUrl: string | null;
  /** So many addresses came to that. */
  onMailed?: (result: 'accepted' | 'refused' | 'deferred', addresses: number) => void;
}

export interface NoticeOf {
  tenantId: string;
  endpointId: string;
}

/** `gone`: it was told already, or there is no such notice any more. `deferred`: some of its addresses are to be tried again. */
export type NoticeEnd = 'sent' | 'not_sent' | 'gone' | 'deferred';

export interface NotifyActivities {
  /** What is to be mailed next about the endpoint, and in how many milliseconds; null: nothing. */
  nextNotice(input: NoticeOf): Promise<NextNotice | null>;
  /** Fails while the mail server takes nothing at all: to be tried again, and nothing else before it. */
  sendNotice(input: NoticeOf & { id: string }): Promise<NoticeEnd>;
}

export function createNotifyActivities(deps: NotifyDeps): NotifyActivities {
  const { db, mailer, show } = deps;

  /** Why nobody can be told of it; null: somebody can. */
  function hindrance({ host, notifyOnFailure, emails }: ClosedNotice): WhyNot | null {
    if (host === null) return 'endpoint_deleted';
    if (!notifyOnFailure) return 'turned_off';
    if (emails.length === 0) return 'no_address';
    return mailer ? null : 'no_smtp';
  }

  async function note(
    notice: ClosedNotice,
    status: 'sent' | 'not_sent' | 'waiting',
    whyNot: WhyNot | null,
    result: Partial<MailResult> = {},
    againInSeconds: number | null = null,
  ): Promise<void> {
    await noteNotice(db, notice.tenantId, notice.id, {
      status,
      whyNot,
      accepted: [...notice.accepted, ...(result.accepted ?? [])],
      refused: [...notice.refused, ...(result.refused ?? [])],
      problem: result.problem ?? null,
      againInSeconds,
    });
  }

  /** Nobody is left who might get it. */
  async function end(notice: ClosedNotice, whyNot: WhyNot, result: Partial<MailResult> = {}) {
    const isSent = notice.accepted.length + (result.accepted?.length ?? 0) > 0;
    await note(notice, isSent ? 'sent' : 'not_sent', isSent ? null : whyNot, result);
    return isSent ? 'sent' : 'not_sent';
  }

  /** After the first try, each address by itself: one for which the server breaks off must not take it from the others. */
  async function send(notice: ClosedNotice, content: MailText, to: string[]): Promise<MailResult> {
    const mail = { ...content, messageId: `<${notice.id}@${mailer!.domain}>`, date: notice.closedAt! };
    const groups = notice.tries > 1 ? to.map((one) => [one]) : [to];
    const results = await Promise.all(
      groups.map((group) => mailer!.send({ ...mail, to: group }).catch(asResult(group))),
    );
    const all = (what: 'accepted' | 'refused' | 'deferred') => results.flatMap((result) => result[what]);
    return {
      accepted: all('accepted'),
      refused: all('refused'),
      deferred: all('deferred'),
      problem: results.find(({ problem }) => problem !== null)?.problem ?? null,
      isAway: results.every(({ isAway }) => isAway),
    };
  }

  async function mail(notice: ClosedNotice, content: MailText, wanted: string[]): Promise<NoticeEnd> {
    const { addresses: to, hour } = await grantMails(db, wanted, deps.mailsPerAddress);
    if (to.length === 0) return end(notice, 'limit');
    const result = await send(notice, content, to);
    for (const what of ['accepted', 'refused', 'deferred'] as const)
      if (result[what].length > 0) deps.onMailed?.(what, result[what].length);
    await returnMails(db, [...result.refused, ...result.deferred], hour);
    if (to.length < wanted.length)
      result.problem ??= `${wanted.length - to.length} of the addresses have had ${deps.mailsPerAddress} mails in this hour`;
    if (result.isAway) {
      await note(notice, 'waiting', null, result);
      throw ApplicationFailure.retryable(result.problem ?? 'the mail server takes nothing now', 'NotTaken');
    }
    if (result.deferred.length === 0) return end(notice, 'refused', result);
    await note(notice, 'waiting', null, result, againInSeconds(notice));
    return 'deferred';
  }

  return {
    nextNotice: ({ endpointId }) => nextNotice(db, endpointId, deps.windowSeconds),

    async sendNotice({ tenantId, id }) {
      const notice = await closeNotice(db, tenantId, id);
      if (!notice) return 'gone';
      const whyNot = hindrance(notice);
      const content = composeMail(notice, deps);
      if (whyNot === 'no_smtp' && show) show(asShown(notice.emails, content));
      if (whyNot !== null) {
        await note(notice, 'not_sent', whyNot);
        return 'not_sent';
      }
      // Of an earlier try, some may have it, and others will never take it.
      const left = notice.emails.filter(
        (one) => !notice.accepted.includes(one) && !notice.refused.includes(one),
      );
      if (left.length === 0) return end(notice, 'refused');
      Context.current().heartbeat();
      return mail(notice, content, left);
    },
  };
}

/** The server could not be reached, or broke off: nobody has it, as far as is known. */
const asResult =
  (to: string[]) =>
  (error: unknown): MailResult => {
    if (!(error instanceof MailError)) throw error;
    return { accepted: [], refused: [], deferred: to, problem: error.message, isAway: true };
  };

const FIRST_AGAIN_SECONDS = 2;
const OFTEN_SECONDS = 600;
const SELDOM_SECONDS = 12 * 3_600;

/** The longer an address has been refused for now, the less often it is tried. */
export function againInSeconds({ tries, closedAt }: Pick<ClosedNotice, 'tries' | 'closedAt'>): number {
  const ageSeconds = (Date.now() - closedAt!.getTime()) / 1_000;
  return Math.min(
    FIRST_AGAIN_SECONDS * 3 ** (Math.min(tries, 12) - 1),
    Math.max(OFTEN_SECONDS, Math.min(SELDOM_SECONDS, Math.round(ageSeconds / 6))),
  );
}

/** For a terminal: no control characters but the ends of lines. */
function asShown(to: string[], { subject, text }: MailText): string {
  const lines = text.split('\n').map((line) => `  ${plain(line, 500)}`.trimEnd());
  return [`[mail] to ${to.map((one) => plain(one)).join(', ')}: ${plain(subject, 200)}`, ...lines].join('\n');
}
