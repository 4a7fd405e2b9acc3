/**
 * Secrets that can be told from everything else, planted wherever one may stand, and looked for afterwards: in the log (of
 * everything), in every history, in a dump of the database, and in every answer.
 */
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestMailServer } from '../support/mail-server.ts';
import { API_KEY, type Answer } from '../support/posthorn.ts';
import { newTenant, rawHistory, useRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const pem = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');
const clientKey = pem('client-test-only.key');

const PLANTED: Record<string, string> = {
  'the root key': API_KEY,
  'the encryption key': 'planted-encryption-key-5d1f0c',
  'the password of the mail server': 'planted-smtp-password-77ab',
  'the password of the proxy': 'planted-proxy-password-93cd',
  'a signing secret': 'planted-signing-secret-4e02',
  'the next signing secret': 'planted-rotated-secret-a816',
  'a static header’s value': 'planted-header-value-b30c',
  'a bearer token': 'planted-bearer-token-c9d4',
  'a password': 'planted-basic-password-e77f',
  'a client’s key': clientKey.split('\n')[2]!,
  'credentials of a trial': 'planted-trial-token-10ee',
  'a wrong key': 'planted-wrong-key-6b6b',
};

/** One that takes no password, and says which. */
const mail = await startTestMailServer({
  authMethods: ['PLAIN'],
  onAuth: ({ password }, _session, done) => done(new Error(`"${password}" is wrong`)),
});
/** Opens the tunnel once; from then on it cites what it was sent. */
const proxy = createServer((near) => {
  near.on('error', () => {});
  near.once('data', (head: Buffer) => {
    const text = head.toString();
    const port = Number(/^CONNECT [^ ]*:(\d+) /.exec(text)?.[1]);
    if (port === 1)
      return void near.end(`HTTP/1.1 407 Who: ${text.replaceAll('\r\n', ' ')}\r\nX: y\r\n\r\n${text}`);
    const far = connect(port, '127.0.0.1', () => near.write('HTTP/1.1 200 OK\r\n\r\n'));
    far.on('error', () => near.destroy());
    near.on('close', () => far.destroy());
    near.pipe(far).pipe(near);
  });
}).listen(0, '127.0.0.1');
await once(proxy, 'listening');
const proxyPort = (proxy.address() as AddressInfo).port;

const logged: string[] = [];
const rig = useRig(
  {
    POSTHORN_ENCRYPTION_KEY: PLANTED['the encryption key'],
    SMTP_URL: `smtp://mailer:${PLANTED['the password of the mail server']}@127.0.0.1:${mail.port}`,
    SMTP_FROM: 'posthorn@example.com',
    NOTIFY_WINDOW_SECONDS: '1',
    POSTHORN_EGRESS_PROXY: `http://door:${PLANTED['the password of the proxy']}@127.0.0.1:${proxyPort}`,
  },
  { log: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }) },
);
afterAll(() => {
  proxy.close();
  return mail.stop();
});

const answers: { what: string; text: string }[] = [];
async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<Answer> {
  const answer = await rig.call(method, path, body, headers);
  const text = JSON.stringify([answer.body, Object.fromEntries(answer.headers)]);
  answers.push({ what: `${method} ${path}: ${answer.status}`, text });
  return answer;
}
/** What is shown this once, when it is made. */
async function askOnce(method: string, path: string, body: object, field: string): Promise<Answer['body']> {
  const { status, body: answer } = await rig.call(method, path, body);
  expect(status, JSON.stringify(answer)).toBeLessThan(300);
  const { [field]: secret, ...rest } = answer as Record<string, string>;
  PLANTED[`${field} of ${path}`] = secret!.replace(/^whsec_/, '');
  answers.push({ what: `${method} ${path}, without ${field}`, text: JSON.stringify(rest) });
  return answer;
}

const tenant = newTenant();
const base = `/v1/tenants/${tenant}`;

beforeAll(async () => {
  PLANTED['the password of the database'] = new URL(rig.databaseUrl).password;
  // Answers with all that it was sent: as it was, in capitals, and in pieces.
  rig.receiver.answer(({ headers, body }, response) => {
    const text = JSON.stringify({ headers, body });
    response.writeHead(500, { 'x-echo': String(headers['x-planted-token'] ?? headers.authorization ?? '') });
    response.write(text.slice(0, text.length / 2));
    response.end(text.slice(text.length / 2) + text.toUpperCase());
  });
  await ask('PUT', base, { name: 'Planted', notify_emails: ['ops@acme.example'] });
  const common = {
    secret: PLANTED['a signing secret'],
    headers: { 'X-Planted-Token': PLANTED['a static header’s value'] },
    retry_schedule_seconds: [1],
  };
  const bearer = { type: 'bearer', token: PLANTED['a bearer token'] };
  const basic = { type: 'basic', username: 'ada', password: PLANTED['a password'] };
  const client = { certificate: pem('client-test-only.crt'), key: clientKey };
  const ids: string[] = [];
  for (const more of [
    { url: `${rig.receiver.url}/a`, auth: bearer },
    { url: `${rig.receiver.url}/b`, auth: basic, profile: '8bit' },
    // Nobody is there, and the proxy says so in its own way; or what is there speaks no TLS.
    { url: 'http://127.0.0.1:1/c', auth: bearer, signature: 'both' },
    { url: `${rig.receiver.url.replace('http:', 'https:')}/d`, auth: basic, client_certificate: client },
  ])
    ids.push((await askOnce('POST', `${base}/endpoints`, { ...common, ...more }, 'secret')).id);
  const event = await ask('POST', `${base}/events`, { type: 'a.b', data: { n: 1 } });
  const deliveries = event.body.delivery_ids as string[];
  expect(deliveries).toHaveLength(4);

  const { key } = await askOnce('POST', '/v1/keys', { name: 'planted', scopes: ['manage'] }, 'key');
  const { token } = await askOnce('POST', `${base}/tokens`, { capability: 'manage' }, 'token');
  for (const credential of [key, token, PLANTED['a wrong key'], `ph_${PLANTED['a wrong key']}`, `${token}x`])
    await ask('GET', `${base}/endpoints`, undefined, { authorization: `Bearer ${credential}` });
  await ask('GET', `${base}/endpoints`, undefined, { authorization: `Basic ${btoa(`x:${API_KEY}`)}` });

  const [first] = ids as [string];
  await askOnce(
    'POST',
    `${base}/endpoints/${first}/secret/rotate`,
    { secret: PLANTED['the next signing secret'] },
    'secret',
  );
  const wrong = {
    ...common,
    auth: { ...bearer, x: 1 },
    client_certificate: { ...client, x: 1 },
    timeout_seconds: -1,
  };
  await ask('POST', `${base}/endpoints`, wrong);
  await ask('POST', `${base}/endpoints`, JSON.stringify({ ...common, auth: bearer }).slice(0, -9));
  await ask('PATCH', `${base}/endpoints/${first}`, { ...wrong, secret: PLANTED['the next signing secret'] });
  await ask('PATCH', `${base}/endpoints/${first}`, { auth: basic, headers: common.headers, name: 'renamed' });
  const trial = {
    url: `${rig.receiver.url}/try`,
    auth: { type: 'bearer', token: PLANTED['credentials of a trial'] },
  };
  await ask('POST', `${base}/endpoints/try`, trial);
  await ask('POST', `${base}/endpoints/${first}/test`, { wait: true });
  await ask('POST', `${base}/endpoints/${first}/preview`, {});
  for (const id of deliveries) {
    const done = await rig.settled(tenant, id, 'failed');
    expect(done.attempts.length).toBeGreaterThan(1);
    for (const more of ['', '/history']) await ask('GET', `${base}/deliveries/${id}${more}`);
    await ask('POST', `${base}/deliveries/${id}/retry`);
  }
  await until(
    () => rig.call('GET', `${base}/notifications`),
    ({ body }) =>
      body.data.some(({ last_problem: problem }: { last_problem: string | null }) => problem !== null),
  );
  const since = new Date(Date.now() - 600_000);
  await ask('POST', `${base}/replays`, { endpoint_id: first, since, kind: 'all' });
  await ask('DELETE', `${base}/endpoints/${ids[1]}`);
  for (const path of [
    ...[
      'endpoints',
      `endpoints/${first}`,
      'deliveries?include=last_attempt',
      'events',
      `events/${event.body.id}`,
    ],
    ...[
      `attempts?endpoint_id=${first}`,
      'replays',
      'stats',
      `endpoints/${first}/stats`,
      'audit',
      'notifications',
    ],
  ])
    await ask('GET', `${base}/${path}`);
  for (const path of ['/v1/keys', '/v1/audit', '/v1/tenants', '/v1/egress-ips', '/readyz', '/openapi.json'])
    await ask('GET', path);
  const metrics = await fetch(`${rig.url}/metrics`, { headers: { authorization: `Bearer ${API_KEY}` } });
  answers.push({ what: 'GET /metrics', text: await metrics.text() });
});

/** Which secrets stand there, whole: as they are, in base64, in hex, and whatever the case. */
function foundIn(text: string): string[] {
  const small = text.toLowerCase();
  return Object.entries(PLANTED).flatMap(([name, secret]) => {
    const bytes = Buffer.from(secret);
    const base64 = [0, 1, 2].map((by) =>
      // Wherever in a longer text it begins: its ends depend on what stands beside it.
      Buffer.concat([Buffer.alloc(by), bytes])
        .toString('base64')
        .slice(by === 0 ? 0 : 4, -4),
    );
    const forms = [secret, bytes.toString('hex'), encodeURIComponent(secret), ...base64];
    return forms.some((form) => small.includes(form.toLowerCase())) ? [name] : [];
  });
}

it('the search finds what is there', () => {
  for (const [name, secret] of Object.entries(PLANTED)) {
    expect(secret.length, name).toBeGreaterThan(12);
    expect(foundIn(`{"x":"${secret}"}`)).toContain(name);
    expect(foundIn(Buffer.from(`user:${secret}:more`).toString('base64'))).toContain(name);
  }
});

it('no answer shows one', () => {
  expect(answers.length).toBeGreaterThan(40);
  const shown = answers.flatMap(({ what, text }) => foundIn(text).map((name) => `${what}: ${name}`));
  expect(shown).toEqual([]);
});

it('the receiver was sent them, and what it cited was kept', async () => {
  const [sent] = rig.receiver.at('/a');
  expect(JSON.stringify(sent)).toContain(PLANTED['a bearer token']);
  const [{ n }] = (await rig.sql(
    `SELECT count(*)::int AS n FROM attempts WHERE response_body LIKE '%[redacted]%'`,
  )) as [{ n: number }];
  expect(n).toBeGreaterThan(3);
});

it('no line of the log has one', () => {
  expect(logged.length).toBeGreaterThan(3);
  expect(logged.join('')).toContain('a credential was refused');
  expect(logged.flatMap((line) => foundIn(line).map((name) => `${name}: ${line}`))).toEqual([]);
});

it('no history has one', async () => {
  const found: string[] = [];
  let histories = 0;
  const query = `TaskQueue = '${rig.config.taskQueue}'`;
  for await (const { workflowId } of rig.temporal.workflow.list({ query })) {
    histories += 1;
    found.push(...foundIn(await rawHistory(rig, workflowId)).map((name) => `${workflowId}: ${name}`));
  }
  expect(histories).toBeGreaterThanOrEqual(4);
  expect(found).toEqual([]);
});

it('no column of the database has one', async () => {
  const tables = await rig.sql<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND n.nspname = 'public'`,
  );
  expect(tables.length).toBeGreaterThan(15);
  const found: string[] = [];
  let rows = 0;
  for (const { name } of tables)
    for (const { row } of await rig.sql<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)) {
      rows += 1;
      found.push(...foundIn(row).map((secret) => `${name}: ${secret}`));
    }
  expect(rows).toBeGreaterThan(50);
  expect([...new Set(found)]).toEqual([]);
});
