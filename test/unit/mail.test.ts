import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { addressOf } from '../../src/notify/address.ts';
import { composeMail } from '../../src/notify/mail.ts';
import { NOTICE_KINDS, type ClosedNotice } from '../../src/store/notices.ts';

const AT = new Date('2026-11-28T12:00:00.123Z');
const NOTICE: ClosedNotice = {
  tenantId: 'acme',
  id: 'ntc_1',
  endpointId: 'ep_1',
  kind: 'delivery.exhausted',
  reason: null,
  deliveries: 12,
  deliveryIds: ['dlv_1', 'dlv_2'],
  lastStatusCode: 503,
  lastErrorClass: 'http',
  lastErrorMessage: 'HTTP 503',
  failingSince: null,
  openedAt: AT,
  lastAt: AT,
  closedAt: AT,
  status: 'sending',
  whyNot: null,
  grantedNumber: 1,
  accepted: [],
  refused: [],
  tries: 1,
  lastProblem: null,
  nextTryAt: null,
  sentAt: null,
  host: 'hooks.example.com',
  name: 'Shop',
  notifyOnFailure: true,
  emails: ['a@b.test'],
  unmailed: 0,
};
const SETTINGS = { publicUrl: 'https://p.test', mailsPerHour: 60 };

describe('a mail', () => {
  it('says what failed, how often, why, and where the log is', () => {
    const { subject, text } = composeMail(NOTICE, SETTINGS);
    expect(subject).toBe('12 webhooks could not be delivered to Shop (hooks.example.com)');
    expect(text).toContain('Last error: HTTP 503\n');
    expect(text).toContain('Deliveries: dlv_1, dlv_2 and 10 more');
    expect(text).toContain('https://p.test/v1/tenants/acme/deliveries?endpoint_id=ep_1');
  });

  it('without PUBLIC_URL shows paths, which are no links', () => {
    const { html, text } = composeMail(NOTICE, { ...SETTINGS, publicUrl: null });
    expect(text).toContain('The log: /v1/tenants/acme/');
    expect(html).not.toContain('<a ');
  });

  it('of every kind holds no tag, no line of a head and no control character that somebody has put into a text', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 400 });
    fc.assert(
      fc.property(
        fc.constantFrom(...NOTICE_KINDS),
        anything,
        anything,
        anything,
        (kind, name, message, host) => {
          const hostile = { ...NOTICE, kind, name: `${name}<script>\r\nBcc: x@y.test`, host };
          const mail = composeMail({ ...hostile, lastErrorMessage: `${message}<img src=x>` }, SETTINGS);
          expect(mail.subject).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
          expect(mail.subject.length).toBeLessThanOrEqual(150);
          expect(mail.html).not.toMatch(/<(script|img)/i);
          expect(mail.text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
          expect(mail.text).not.toMatch(/^Bcc:/m);
        },
      ),
    );
  });
});

it('the sender is one address, with or without a name', () => {
  for (const from of ['a@b.test', 'Posthorn <a@b.test>', '"Post, horn" <a@b.test>'])
    expect(addressOf(from)).toBe('a@b.test');
  for (const from of [
    '',
    'a',
    'a@b.test, c@d.test',
    'X <a@b.test>\r\nBcc: <c@d.test>',
    'a@b@c.test',
    'a b@c.test',
  ])
    expect(addressOf(from), from).toBeNull();
});

describe('settings of mails', () => {
  const load = (env: NodeJS.ProcessEnv) => loadConfig(env).mail;
  it('are checked, and no error shows the password', () => {
    expect(
      load({ SMTP_URL: 'smtps://u:p%40ss@mail.test', SMTP_FROM: 'a@b.test', PUBLIC_URL: 'https://p.test/' }),
    ).toMatchObject({
      tls: 'offered',
      publicUrl: 'https://p.test',
      windowSeconds: 600,
    });
    for (const url of [
      'http://mail.test',
      'smtp://',
      'mail.test:25',
      'smtp://u:sesame@mail.test/x',
      'smtp://u:%zz@mail.test',
    ]) {
      expect(() => load({ SMTP_URL: url, SMTP_FROM: 'a@b.test' }), url).toThrow(/SMTP_URL: expected the URL/);
      expect(() => load({ SMTP_URL: url, SMTP_FROM: 'a@b.test' })).not.toThrow(/sesame/);
    }
  });
  it('take a file of authorities, and say what is wrong with it', () => {
    const pem = 'test/fixtures/tls/authority-test-only.crt';
    expect(load({ SMTP_CA_FILE: pem }).ca).toContain('BEGIN CERTIFICATE');
    expect(() => load({ SMTP_CA_FILE: '/none' })).toThrow(/SMTP_CA_FILE=.*no such file/);
    expect(() => load({ SMTP_CA_FILE: 'package.json' })).toThrow(/SMTP_CA_FILE=.*holds none/);
  });
  it('with a server want a sender; production wants TLS', () => {
    expect(() => load({ SMTP_URL: 'smtp://mail.test' })).toThrow(/SMTP_FROM: missing/);
    const production = {
      POSTHORN_ENV: 'production',
      POSTHORN_ENCRYPTION_KEY: 'k'.repeat(16),
      POSTHORN_API_KEY: 'k'.repeat(16),
    };
    expect(load(production).tls).toBe('required');
    expect(load({ ...production, SMTP_TLS: 'offered' }).tls).toBe('offered');
  });
});
