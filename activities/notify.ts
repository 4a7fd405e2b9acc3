import { ApplicationFailure, Context } from '@temporalio/activity';
import { composeMail, plain, type MailText } from '../src/notify/mail.ts';
import { MailError, type Mailer, type MailResult } from '../src/notify/mailer.ts';
import type { WhyNot } from '../src/notify/why-not.ts';
import { notMailedEnough, noteMailed } from '../src/store/mailed-addresses.ts';
import { closeNotice, nextNotice, noteNotice, type ClosedNotice } from '../src/store/notices.ts';
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

/** `gone`: it was told already, or there is no such notice any more. */
export type NoticeEnd = 'sent' | 'not_sent' | 'gone';

export interface NotifyActivities {
  /** What is to be mailed next about the endpoint, and in how many milliseconds; null: nothing. */
  nextNotice(input: NoticeOf): Promise<{ id: string; waitMs: number } | null>;
  /** Fails while the mail server does not take it: to be tried again. */
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

  async function end(
    notice: ClosedNotice,
    status: 'sent' | 'not_sent' | 'waiting',
    whyNot: WhyNot | null,
    result: Partial<MailResult> = {},
  ): Promise<void> {
    await noteNotice(db, notice.tenantId, notice.id, {
      status,
      whyNot,
      accepted: [...notice.accepted, ...(result.accepted ?? [])],
      refused: [...notice.refused, ...(result.refused ?? [])],
      problem: result.problem ?? null,
    });
  }

  async function mail(notice: ClosedNotice, content: MailText, wanted: string[]): Promise<NoticeEnd> {
    const { id, closedAt } = notice;
    const to = await notMailedEnough(db, wanted, deps.mailsPerAddress);
    if (to.length === 0) {
      const isSent = notice.accepted.length > 0;
      await end(notice, isSent ? 'sent' : 'not_sent', isSent ? null : 'limit');
      return isSent ? 'sent' : 'not_sent';
    }
    const messageId = `<${id}@${mailer!.domain}>`;
    const result = await mailer!.send({ ...content, to, messageId, date: closedAt! }).catch(asResult(to));
    for (const what of ['accepted', 'refused', 'deferred'] as const)
      if (result[what].length > 0) deps.onMailed?.(what, result[what].length);
    await noteMailed(db, result.accepted);
    if (to.length < wanted.length)
      result.problem ??= `${wanted.length - to.length} of the addresses have had ${deps.mailsPerAddress} mails in this hour`;
    if (result.deferred.length > 0) {
      await end(notice, 'waiting', null, result);
      throw ApplicationFailure.retryable(
        result.problem ?? 'the mail server does not take it now',
        'NotTaken',
      );
    }
    const isSent = notice.accepted.length + result.accepted.length > 0;
    await end(notice, isSent ? 'sent' : 'not_sent', isSent ? null : 'refused', result);
    return isSent ? 'sent' : 'not_sent';
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
        await end(notice, 'not_sent', whyNot);
        return 'not_sent';
      }
      // Of an earlier try, some may have it, and others will never take it.
      const left = notice.emails.filter(
        (one) => !notice.accepted.includes(one) && !notice.refused.includes(one),
      );
      if (left.length === 0) {
        await end(
          notice,
          notice.accepted.length > 0 ? 'sent' : 'not_sent',
          notice.accepted.length > 0 ? null : 'refused',
        );
        return notice.accepted.length > 0 ? 'sent' : 'not_sent';
      }
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
    return { accepted: [], refused: [], deferred: to, problem: error.message };
  };

/** For a terminal: no control characters but the ends of lines. */
function asShown(to: string[], { subject, text }: MailText): string {
  const lines = text.split('\n').map((line) => `  ${plain(line, 500)}`.trimEnd());
  return [`[mail] to ${to.map((one) => plain(one)).join(', ')}: ${plain(subject, 200)}`, ...lines].join('\n');
}
