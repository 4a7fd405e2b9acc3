/** A process warms up before its first request, leaves no trace of it, and starts all the same when it cannot. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startChild } from '../support/child.ts';
import { createDatabase, startTestPosthorn, type TestPosthorn } from '../support/posthorn.ts';

/** With a key, since it is said as a warning when there is none. */
const SETTINGS = {
  WARM_UP: 'true',
  POSTHORN_LOG_LEVEL: 'debug',
  POSTHORN_ENCRYPTION_KEY: 'warm-up-0123456789abcdef',
};

let databaseUrl: string;
let db: pg.Client;
let app: TestPosthorn | undefined;

beforeAll(async () => {
  databaseUrl = await createDatabase();
  db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
});
afterAll(async () => {
  await app?.stop();
  await db.end();
});

async function start(env: NodeJS.ProcessEnv): Promise<TestPosthorn & { output(): string }> {
  await app?.stop();
  let output = '';
  const log = pino({ level: 'debug' }, { write: (line) => void (output += line) });
  app = await startTestPosthorn({ ...SETTINGS, ...env }, databaseUrl, { log });
  return { ...app, output: () => output };
}

const rows = async () =>
  (
    await db.query<{ rows: number }>(
      `SELECT ((SELECT count(*) FROM tenants) + (SELECT count(*) FROM endpoints) + (SELECT count(*) FROM events)
             + (SELECT count(*) FROM deliveries) + (SELECT count(*) FROM attempts))::int AS rows`,
    )
  ).rows[0]!.rows;

it.each([
  ['', {}],
  [', with as few connections as can be set', { DATABASE_POOL_SIZE: '2' }],
  [', in a process that only takes requests', { POSTHORN_ROLE: 'api' }],
])('no row is left of it, and nothing is logged as wrong%s', async (_, env) => {
  const { output, call } = await start(env);
  expect(output()).toMatch(/"msg":"warmed up"/);
  expect(output()).not.toMatch(/"level":(40|50|60)/);
  expect(await rows()).toBe(0);
  expect((await call('GET', '/v1/tenants/rehearsal/events')).body.data).toEqual([]);
});

it('nothing of it goes by way of a proxy that the environment names', async () => {
  const seen: string[] = [];
  const proxy = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(502).end();
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  // Of its start: a process of its own.
  const env = { ...SETTINGS, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: url, http_proxy: url };
  const child = await startChild({ databaseUrl, env });
  try {
    expect(child.output()).toMatch(/"msg":"warmed up"/);
    expect(child.output()).not.toMatch(/did not warm up/);
    expect(seen).toEqual([]);
  } finally {
    await child.terminate();
    proxy.close();
  }
});

it('it is not waited for when Postgres cannot carry it out, and requests have their connections back', async () => {
  await db.query(
    'BEGIN; LOCK TABLE events IN ACCESS EXCLUSIVE MODE; LOCK TABLE attempts IN ACCESS EXCLUSIVE MODE',
  );
  try {
    await start({ DATABASE_POOL_SIZE: '4' });
  } finally {
    await db.query('COMMIT');
  }
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => app!.call('POST', '/v1/tenants/t/events', { type: 'a.b', data: {} })),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(202));
});
