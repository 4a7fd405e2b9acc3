/** Receivers that send back what they got: what was secret in it is kept nowhere. */
import { expect, it } from 'vitest';
import type { Behaviour } from '../support/receiver.ts';
import { rawHistory, useRig } from '../support/rig.ts';

const rig = useRig();

const KEY = 'functions-key/4711+abcdefgh==';
const SECRET = `whsec_${Buffer.from('a signing secret of 32 bytes len').toString('base64')}`;
const SETTINGS = {
  secret: SECRET,
  auth: { type: 'basic', username: 'someone', password: 'p/assw"ord-of-someone' },
  headers: { 'X-Functions-Key': KEY, 'X-Mode': 'live' },
  max_retries: 0,
};
const BASIC = Buffer.from('someone:p/assw"ord-of-someone').toString('base64');
const SECRETS = [KEY, SECRET, SECRET.slice(6), BASIC, 'p/assw', 'ord-of-someone', 'abcdefgh'];

const echo: Behaviour = ({ headers }, response) => {
  const text = JSON.stringify({ headers, password: SETTINGS.auth.password, secret: SECRET.slice(6) });
  response.writeHead(400, {
    'x-echo': headers['x-functions-key'],
    'set-cookie2': 'session=1234',
    'www-authenticate': 'Basic realm="hooks"',
  });
  // As PHP writes it, too, and within a URL.
  response.end(`${text}\n${text.replaceAll('/', '\\/')}\n?key=${encodeURIComponent(KEY)}`);
};

it('an answer that repeats the secrets of its request is kept without them', async () => {
  const { attempts, delivery, id } = await rig.deliver(echo, 'failed', SETTINGS);
  const [attempt] = attempts;
  expect(attempt.request.headers).toMatchObject({
    'X-Functions-Key': '[redacted]',
    'X-Mode': '[redacted]',
    Authorization: '[redacted]',
  });
  expect(attempt.response.headers).toMatchObject({
    'x-echo': '[redacted]',
    'set-cookie2': '[redacted]',
    'www-authenticate': 'Basic realm="hooks"',
  });
  expect(attempt.response.body).toContain('"x-mode":"live"');
  await rig.workflowResult(delivery.workflow_id ?? id).catch(() => {});
  const kept = [JSON.stringify(attempts), JSON.stringify(await rig.sql('SELECT * FROM attempts'))];
  kept.push(await rawHistory(rig, delivery.workflow_id ?? id));
  for (const text of kept) for (const secret of SECRETS) expect(text).not.toContain(secret);
});

it('a redirect to a place that names a secret is told without it', async () => {
  const redirect: Behaviour = (_request, response) =>
    void response.writeHead(302, { location: `https://example.com/?k=${KEY}` }).end();
  const { attempts } = await rig.deliver(redirect, 'failed', SETTINGS);
  expect(attempts[0].error.message).toContain('HTTP 302 to https://example.com/?k=[redacted]: redirects');
});

it('a secret that is cut in two where the kept part of an answer ends is taken out, too', async () => {
  const cut: Behaviour = (_request, response) =>
    void response.writeHead(500).end('x'.repeat(65_536 - 20) + KEY + 'x'.repeat(100));
  const { attempts } = await rig.deliver(cut, 'failed', SETTINGS);
  expect(attempts[0].response.body.slice(65_516)).toBe('[redacted]');
});
