/** The settings of mails, as part of src/config.ts. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { addressOf } from './address.ts';

export interface MailConfig {
  /** Null: there is no mail server. */
  smtpUrl: string | null;
  from: string | null;
  tls: 'required' | 'offered';
  /** PEM; trusted besides those that everybody trusts. */
  ca: string | null;
  /** How long failed deliveries of an endpoint are gathered for one mail. */
  windowSeconds: number;
  /** Of a tenant. */
  mailsPerHour: number;
  /** Of an address, whichever tenants name it. */
  mailsPerAddress: number;
  /** Where people reach the API; null: mails show paths. */
  publicUrl: string | null;
}

type Count = (fallback: number, min: number, max: number) => z.ZodType<number>;

function isSmtpUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '') return false;
  try {
    decodeURIComponent(url.username + url.password);
    return /^\/?$/.test(url.pathname) && url.search === '' && url.hash === '';
  } catch {
    return false;
  }
}

function isPublicUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return (
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.search === '' &&
    url.hash === '' &&
    url.username === ''
  );
}

function readAuthorities(file: string, context: z.RefinementCtx): string {
  try {
    const pem = readFileSync(file, 'utf8');
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : 'it holds none, or cannot be read';
    context.addIssue({ code: 'custom', message: `expected a file of certificates (PEM): ${why}` });
    return z.NEVER;
  }
}

export const mailSettings = (count: Count) => ({
  SMTP_URL: z
    .string()
    .refine(
      isSmtpUrl,
      'expected the URL of a mail server: smtp://user:password@host:587, or smtps:// for TLS from the start',
    )
    .optional(),
  SMTP_FROM: z
    .string()
    .refine((text) => addressOf(text) !== null, 'expected an address: Posthorn <posthorn@example.com>')
    .optional(),
  SMTP_TLS: z.enum(['required', 'offered'], { error: 'expected "required" or "offered"' }).optional(),
  SMTP_CA_FILE: z.string().transform(readAuthorities).optional(),
  NOTIFY_WINDOW_SECONDS: count(600, 1, 3600),
  NOTIFY_MAILS_PER_HOUR: count(60, 1, 10_000),
  NOTIFY_MAILS_PER_ADDRESS: count(100, 1, 10_000),
  PUBLIC_URL: z
    .string()
    .refine(isPublicUrl, 'expected where people reach the API: https://posthorn.example.com')
    .optional(),
});

type Read = z.infer<z.ZodObject<ReturnType<typeof mailSettings>>>;

export const mailSettingsOf = (e: Read, env: 'development' | 'production'): MailConfig => ({
  smtpUrl: e.SMTP_URL ?? null,
  from: e.SMTP_FROM ?? null,
  tls: e.SMTP_TLS ?? (env === 'production' ? 'required' : 'offered'),
  ca: e.SMTP_CA_FILE ?? null,
  windowSeconds: e.NOTIFY_WINDOW_SECONDS,
  mailsPerHour: e.NOTIFY_MAILS_PER_HOUR,
  mailsPerAddress: e.NOTIFY_MAILS_PER_ADDRESS,
  publicUrl: e.PUBLIC_URL?.replace(/\/+$/, '') ?? null,
});

export const missingForMail = ({
  SMTP_URL: url,
  SMTP_FROM: from,
}: Pick<Read, 'SMTP_URL' | 'SMTP_FROM'>): string[] =>
  url !== undefined && from === undefined
    ? [
        'SMTP_FROM: missing, and mails are from somebody: set it to an address that the server at SMTP_URL takes',
      ]
    : [];
