/** Mails over TLS: from the start, or by STARTTLS; and not a word of them to a server that is not who it should be. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { createMailer, MailError, type Mail } from '../../src/notify/mailer.ts';
import { startTestMailServer, type TestMailServer } from '../support/mail-server.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/tls/${name}-test-only.${'crt'}`, import.meta.url), 'utf8');
const keyOf = (name: string) =>
  readFileSync(new URL(`../fixtures/tls/${name}-test-only.key`, import.meta.url), 'utf8');
const ca = fixture('authority');
const identity = { cert: fixture('server'), key: keyOf('server') };

const mail: Mail = {
  ...{ to: ['ops@a.test'], subject: 'A subject', text: 'A text', html: '<p>A text</p>' },
  ...{ messageId: '<ntc_1@b.test>', date: new Date() },
};

let server: TestMailServer | undefined;
afterEach(() => server?.stop());

type Way = 'smtp' | 'smtps';
async function send(way: Way, settings: { ca?: string; user?: string; as?: string } = {}) {
  const { user = '', as = 'localhost' } = settings;
  const smtpUrl = `${way}://${user}${as}:${server!.port}`;
  return createMailer({ smtpUrl, from: 'a@b.test', tls: 'required', ca: settings.ca ?? null }).send(mail);
}

describe.each<[Way, string, object]>([
  ['smtps', 'from the start', { secure: true }],
  ['smtp', 'by STARTTLS', { disabledCommands: [] }],
])('%s, with TLS %s', (way, _, options) => {
  it.each(['localhost', '127.0.0.1'])('reaches a server at %s whose authority is a setting', async (as) => {
    server = await startTestMailServer({ ...options, ...identity });
    expect(await send(way, { ca, as })).toMatchObject({ accepted: ['ops@a.test'], problem: null });
    expect(server.received).toMatchObject([{ to: ['ops@a.test'], secure: true }]);
  });

  it('gives its password over TLS', async () => {
    const seen: unknown[] = [];
    server = await startTestMailServer({
      ...{ ...options, ...identity, authOptional: false },
      onAuth({ username, password }, { secure }, done) {
        seen.push([username, password, secure]);
        done(null, { user: username });
      },
    });
    expect(await send(way, { ca, user: 'u:p%40ss@' })).toMatchObject({ accepted: ['ops@a.test'] });
    expect(seen).toEqual([['u', 'p@ss', true]]);
  });

  it.each([
    ['whose authority nobody knows', identity, undefined],
    ['that has signed for itself', { cert: fixture('self-signed'), key: keyOf('self-signed') }, ca],
  ])('tells nothing to a server %s', async (_words, presented, trusted) => {
    server = await startTestMailServer({ ...options, ...presented });
    const failed = send(way, { ca: trusted, user: 'u:sesame@' });
    await expect(failed).rejects.toThrow(MailError);
    await expect(failed).rejects.toThrow(/certificate/);
    await expect(failed).rejects.not.toThrow(/sesame/);
    expect(server.received).toEqual([]);
  });
});
