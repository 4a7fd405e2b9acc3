/** One mail through SMTP: its limits of time, its rules of TLS, and what becomes of each address. */
import type { SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import { addressOf } from './address.ts';
import { plain, type MailText } from './mail.ts';

export interface Mail extends MailText {
  to: string[];
  /** The same for every try, so that servers can tell a repetition. */
  messageId: string;
  date: Date;
}

export interface MailResult {
  accepted: string[];
  /** For good. */
  refused: string[];
  /** Not now: to be tried again. */
  deferred: string[];
  /** What the server said of those that it did not accept. */
  problem: string | null;
  /** Nothing was heard of any address: it is the server that is in trouble. */
  isAway: boolean;
}

export interface Mailer {
  /** Throws a MailError when the mail could not be given to the server, as far as is known: to be tried again. */
  send(mail: Mail): Promise<MailResult>;
  /** Of addresses that messages come from. */
  domain: string;
}

export interface MailerSettings {
  /** `smtp://user:password@host:port`, or `smtps:` for TLS from the start. */
  smtpUrl: string;
  from: string;
  /** Whether `smtp:` may go on without TLS where the server does not offer it. Never with credentials, except to this machine. */
  tls: 'required' | 'offered';
  /** Authorities (PEM) that are trusted, too. */
  ca?: string | null;
}

/** In words for people, without credentials. */
export class MailError extends Error {
  override name = 'MailError';
}

const CONNECT_MS = 10_000;
const SILENCE_MS = 20_000;
/** For the whole of it, however slowly a server goes on. */
export const MAIL_MS = 45_000;

interface SmtpError extends Error {
  responseCode?: number;
  response?: string | false;
  command?: string;
  recipient?: string;
  rejectedErrors?: SmtpError[];
}

export function createMailer({ smtpUrl, from, tls, ca = null }: MailerSettings): Mailer {
  const url = new URL(smtpUrl);
  const auth = credentialsOf(url);
  const options = optionsOf(url, { tls, ca }, auth !== null);
  const address = addressOf(from)!;
  const words = withoutSecrets(auth);

  /** Ends when the mail is over, or its time is. */
  async function exchange(to: string[], message: Buffer): Promise<MailResult> {
    const { default: SMTPConnection } = await import('nodemailer/lib/smtp-connection');
    const connection = new SMTPConnection(options);
    let timer: NodeJS.Timeout | undefined;
    const outOfTime = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`it took longer than ${MAIL_MS / 1000} s`)), MAIL_MS);
    });
    const broken = new Promise<never>((_, reject) => connection.once('error', reject));
    broken.catch(() => {});
    const step = <T>(begin: (done: (error?: Error | null, value?: T) => void) => void): Promise<T> =>
      Promise.race([
        new Promise<T>((resolve, reject) =>
          begin((error, value) => (error ? reject(error) : resolve(value as T))),
        ),
        broken,
        outOfTime,
      ]);
    try {
      await step((done) => connection.connect(done));
      if (auth) await step((done) => connection.login({ credentials: auth }, done));
      const info = await step<{ accepted: string[]; rejectedErrors?: SmtpError[] }>((done) =>
        connection.send({ from: address, to, size: message.length }, message, done as never),
      );
      connection.quit();
      return resultOf(info.accepted, info.rejectedErrors ?? [], words);
    } catch (error) {
      connection.close();
      return resultOfError(to, error as SmtpError, words);
    } finally {
      clearTimeout(timer);
      // What comes when nobody listens any more would end the process.
      connection.on('error', () => {});
    }
  }

  return {
    domain: address.slice(address.lastIndexOf('@') + 1),
    async send({ to, subject, text, html, messageId, date }) {
      // Not before there is something to send: most processes never have, and it is half a megabyte of source.
      const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
      const composer = new MailComposer({
        ...{ from, to, subject, text, html, messageId, date },
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      const message = await composer.compile().build();
      return exchange(to, message);
    },
  };
}

function credentialsOf(url: URL): { user: string; pass: string } | null {
  if (url.username === '') return null;
  return { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
}

const isThisMachine = (host: string): boolean => /^(localhost|\[?::1\]?|127(\.\d{1,3}){3})$/i.test(host);

function optionsOf(
  url: URL,
  { tls, ca }: Pick<MailerSettings, 'tls' | 'ca'>,
  withPassword: boolean,
): SMTPConnectionOptions {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'smtps:';
  const required = !secure && !isThisMachine(host) && (tls === 'required' || withPassword);
  return {
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: required,
    ...(isIP(host) ? {} : { servername: host }),
    tls: { minVersion: 'TLSv1.2', ...(ca ? { ca: [...rootCertificates, ca] } : {}) },
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    socketCloseTimeout: 1_000,
    maxResponseSize: 64 << 10,
    logger: false,
  };
}

type Words = (error: SmtpError) => string;

function resultOf(accepted: string[], errors: SmtpError[], words: Words): MailResult {
  const of = (isWanted: (code: number) => boolean) =>
    errors.filter((error) => isWanted(error.responseCode ?? 0)).map((error) => error.recipient!);
  return {
    accepted,
    refused: of((code) => code >= 500),
    deferred: of((code) => code < 500),
    problem: errors[0] ? words(errors[0]) : null,
    isAway: false,
  };
}

/** A message that is refused as such (after DATA) is refused for all, for good (5xx) or for now. Everything else is the server's trouble. */
function resultOfError(to: string[], error: SmtpError, words: Words): MailResult {
  if (error.rejectedErrors && error.rejectedErrors.length > 0 && error.command !== 'DATA')
    return resultOf([], error.rejectedErrors, words);
  const code = error.responseCode ?? 0;
  if (error.command === 'DATA' && code >= 400)
    return {
      accepted: [],
      ...(code >= 500 ? { refused: to, deferred: [] } : { refused: [], deferred: to }),
      problem: words(error),
      isAway: false,
    };
  throw new MailError(words(error));
}

function withoutSecrets(auth: { user: string; pass: string } | null): Words {
  const secrets = auth
    ? [
        auth.pass,
        ...[auth.pass, `\0${auth.user}\0${auth.pass}`].map((text) => Buffer.from(text).toString('base64')),
      ]
    : [];
  return ({ message }) => {
    let text = message;
    for (const secret of secrets) if (secret !== '') text = text.replaceAll(secret, '[redacted]');
    return plain(text, 300);
  };
}
