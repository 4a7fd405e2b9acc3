/** What people copy from README, docs and examples works: it is read from there and run beside an `npm start`. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findTemporal } from '../../src/embedded/temporal-binary.ts';
import { blocksOf, root, runScript, scriptOf } from '../support/doc-commands.ts';
import { cleanUp, freePort, newDataDir, npmStart, type Run } from '../support/npm-start.ts';
import { until } from '../support/until.ts';

const FILES = [
  'README.md',
  'CONTRIBUTING.md',
  ...globSync(['docs/**/*.md', 'examples/**/*.md'], { cwd: root }),
];
const TENANT = '/v1/tenants/acme';
const dataDir = newDataDir();
let posthorn: Run;
let receiverOfExamples: number;
/** What the documents say → what it is here. */
let places: [documented: string, here: string][];
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  posthorn = npmStart(dataDir, await freePort());
  await posthorn.ready();
  receiverOfExamples = await freePort();
  places = [
    ['http://127.0.0.1:8080', posthorn.apiUrl()],
    ['127.0.0.1:8081', printed(/^ {2}Receiver +http:\/\/(\S+)/m)],
    ['127.0.0.1:7233', printed(/^ {2}Temporal +(\S+)$/m)],
    ['127.0.0.1 -p 54320', printed(/^ {2}Postgres +(\S+)/m).replace(':', ' -p ')],
    ['127.0.0.1:54320', printed(/^ {2}Postgres +(\S+)/m)],
    ['127.0.0.1:3000', `127.0.0.1:${receiverOfExamples}`],
    ['.posthorn/', `${dataDir}/`],
  ];
  const temporal = await findTemporal({ log: () => {} });
  env = {
    ...process.env,
    PATH: [dirname(process.execPath), dirname(temporal), process.env.PATH].join(delimiter),
    POSTHORN_URL: posthorn.apiUrl(),
    POSTHORN_API_KEY: posthorn.apiKey(),
    TEMPORAL_ADDRESS: here('127.0.0.1:7233'),
    PORT: String(receiverOfExamples),
  };
});
afterAll(cleanUp);

function printed(pattern: RegExp): string {
  const found = pattern.exec(posthorn.output());
  if (!found) throw new Error(`The start has not printed ${String(pattern)}:\n${posthorn.output()}`);
  return found[1]!;
}

const here = (text: string) =>
  places.reduce((now, [documented, place]) => now.replaceAll(documented, place), text);
const has = (program: string) => spawnSync(program, ['--version']).status === 0;

async function runFile(file: string, more: NodeJS.ProcessEnv = {}): Promise<string> {
  const blocks = blocksOf(file, ['sh']).filter(({ text }) => !text.includes('psql') || has('psql'));
  const { code, output } = await runScript(here(scriptOf(blocks)), { ...env, ...more });
  expect(code, output).toBe(0);
  return output;
}

it('every block of commands is in a document that is run here, or says why it is not', () => {
  const others = FILES.filter((file) => !RUN.includes(file));
  for (const file of others) {
    for (const { text, notRun } of blocksOf(file, ['sh', 'bash', 'console', 'sql'])) {
      expect(notRun, `${file}: ${text}`).not.toBeNull();
    }
  }
});

const RUN = [
  'README.md',
  'docs/api.md',
  'docs/cli.md',
  'docs/operating.md',
  'docs/settings.md',
  'docs/templates.md',
  'examples/README.md',
  'examples/publish-from-workflow/README.md',
];

describe('the commands of', () => {
  it('README.md', async () => {
    const output = await runFile('README.md');
    expect(output).toContain('"secret":"whsec_');
    await until(
      () => posthorn.output(),
      (text) => /✓ signature verified \(standard\) → 200/.test(text),
    );
    await until(
      () => posthorn.call('GET', `${TENANT}/deliveries?status=succeeded`),
      ({ body }) => body.data.length > 0,
    );
  });

  it('docs/api.md', async () => {
    expect(await runFile('docs/api.md')).toContain('"id":"order-7731"');
  });

  it('docs/cli.md', async () => {
    const output = await runFile('docs/cli.md');
    expect(output).toContain('listening on http://127.0.0.1:');
    expect(output).toMatch(/2 accepted, 0 refused; [1-9]\d* deliveries on the way/);
    expect(output).toMatch(/^progress +4 of 4: 4 succeeded, 0 failed$/m);
    expect(output).toMatch(/^ok +endpoint: answer /m);
    // Stopped with the script, the listener has taken its endpoint away.
    await until(
      () => posthorn.call('GET', `${TENANT}/endpoints?limit=200`),
      ({ body }) =>
        !body.data.some(({ name }: { name: string | null }) => name?.startsWith('posthorn listen')),
    );
  });

  it('docs/templates.md', async () => {
    expect(await runFile('docs/templates.md')).toContain('mrkdwn');
  });

  it('docs/operating.md', async () => {
    const tenant = '/v1/tenants/operated';
    const url = `http://${here('127.0.0.1:8081')}/fail`;
    const made = await posthorn.call('POST', `${tenant}/endpoints`, { url });
    const published = await posthorn.call('POST', `${tenant}/events`, { type: 'operated.on', data: {} });
    const id: string = published.body.delivery_ids[0];
    await until(
      () => posthorn.call('GET', `${tenant}/deliveries/${id}/history`),
      ({ body }) => body.runs?.[0]?.status === 'running',
    );
    const output = await runFile('docs/operating.md', { ENDPOINT: made.body.id, DELIVERY: id });
    expect(output).toContain(id);
    expect(output).toContain('Posthorn worker is ready');
  });

  it('examples/README.md', async () => {
    const output = await runFile('examples/README.md');
    expect(output).toMatch(/repeated +200/);
    expect(output).toMatch(/refused: .*"Not a type"/);
  });

  it('examples/publish-from-workflow/README.md', async () => {
    const output = await runFile('examples/publish-from-workflow/README.md');
    expect(output).toMatch(/published \{\s+id: 'evt_/);
    expect(output).toMatch(/order placed; event published: evt_/);
  });
});

it('the queries of docs/operating.md run', async () => {
  const client = new pg.Client({ connectionString: databaseUrl() });
  await client.connect();
  try {
    const blocks = blocksOf('docs/operating.md', ['sql']).filter(({ notRun }) => notRun === null);
    expect(blocks.length).toBeGreaterThan(0);
    for (const { text } of blocks) await client.query(text);
  } finally {
    await client.end();
  }
});

// Last, for the Posthorn beside it has no such key.
it('the commands of docs/settings.md', async () => {
  const keys = {
    DATABASE_URL: databaseUrl(),
    POSTHORN_ENCRYPTION_KEYS: 'a-key-of-this-test,another-of-this-test',
  };
  expect(await runFile('docs/settings.md', keys)).toMatch(/[1-9]\d* endpoints: [1-9]\d* sealed anew/);
});

function databaseUrl(): string {
  const { stdout } = spawnSync('cat', [`${dataDir}/postgres.password`], { encoding: 'utf8' });
  return `postgres://posthorn:${stdout.trim()}@${here('127.0.0.1:54320')}/posthorn`;
}
