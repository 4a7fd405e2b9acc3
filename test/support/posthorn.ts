/** A whole Posthorn on the shared servers, with a database and a task queue of its own. */
import pg from 'pg';
import pino from 'pino';
import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { loadConfig, type Config } from '../../src/config.ts';
import { checkConformance } from './conformance.ts';
import { startPosthorn, type Posthorn, type PosthornOptions } from '../../src/posthorn.ts';

export const API_KEY = 'test-key-0123456789abcdef';

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed JSON; null when there was no body. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are asserted field by field
  body: any;
}

export interface TestPosthorn {
  posthorn: Posthorn;
  config: Config;
  databaseUrl: string;
  url: string;
  /** Calls the API as an admin; `path` begins with /. A string body is sent as it is. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  stop(): Promise<void>;
}

async function asAdmin(use: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: inject('databaseAdminUrl') });
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}

/** A database of its own, copied from the migrated template. */
export async function createDatabase(): Promise<string> {
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(async (client) => {
    for (let tries = 0; ; tries += 1) {
      try {
        await client.query(`CREATE DATABASE ${name} TEMPLATE ${inject('templateDatabase')}`);
        break;
      } catch (error) {
        // Another file is copying the template this very moment.
        if (tries > 50) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  });
  const url = new URL(inject('databaseAdminUrl'));
  url.pathname = `/${name}`;
  return url.href;
}

/** Postgres looks after every database there is, whether or not somebody uses it. */
export const dropDatabase = (databaseUrl: string): Promise<void> =>
  asAdmin((client) => client.query(`DROP DATABASE ${new URL(databaseUrl).pathname.slice(1)} WITH (FORCE)`));

/** `env`: settings as environment variables. Give `databaseUrl` and POSTHORN_TASK_QUEUE to run a second process beside one. */
export async function startTestPosthorn(
  env: NodeJS.ProcessEnv = {},
  databaseUrl?: string,
  overrides: Partial<PosthornOptions> = {},
): Promise<TestPosthorn> {
  const database = databaseUrl ?? (await createDatabase());
  const config = loadConfig({
    PORT: '0',
    POSTHORN_TASK_QUEUE: `test-${randomUUID()}`,
    POSTHORN_LOG_LEVEL: 'silent',
    WARM_UP: 'false',
    POSTHORN_API_KEY: API_KEY,
    DISPATCH: process.env.DISPATCH,
    ...env,
  });
  const posthorn = await startPosthorn({
    config,
    apiKey: API_KEY,
    databaseUrl: database,
    temporalAddress: env.TEMPORAL_ADDRESS ?? inject('temporalAddress'),
    workflowBundle: { codePath: inject('workflowBundlePath') },
    log: pino({ level: config.logLevel }),
    ...overrides,
  });
  if (!env.TEMPORAL_ADDRESS) await posthorn.ready;
  const url = posthorn.url ?? '';
  return {
    posthorn,
    config,
    databaseUrl: database,
    url,
    call: (method, path, body, headers) => callApi(url + path, method, body, headers),
    stop: () => posthorn.stop(),
  };
}

export async function callApi(
  url: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json', ...headers },
    ...(sent === undefined ? {} : { body: sent }),
  });
  const text = await response.text();
  const { status, headers: answered } = response;
  const answer: unknown = text === '' ? null : JSON.parse(text);
  const contentType = answered.get('content-type');
  checkConformance({ method, url, requestBody: sent, status, contentType, body: answer });
  return { status, headers: answered, body: answer };
}
