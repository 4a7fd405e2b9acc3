/** What `posthorn` does on the machine itself, without a Posthorn that runs. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { checkEndpoint } from '../../src/cli/doctor/endpoint.ts';
import { createReport, type Finding } from '../../src/cli/doctor/report.ts';
import { createOutput } from '../../src/cli/output.ts';
import { createAddressGuard } from '../../src/http/address-guard.ts';
import { createDnsCache } from '../../src/http/dns-cache.ts';
import { createSender } from '../../src/http/sender.ts';
import { pickPort } from '../../src/embedded/ports.ts';
import { runCli, type Ended } from '../support/cli.ts';
import { createDatabase } from '../support/posthorn.ts';
import type { Json } from '../support/rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'posthorn-cli-'));
let databaseUrl: string;
let emptyUrl: string;
beforeAll(async () => {
  databaseUrl = await createDatabase();
  emptyUrl = await createDatabase();
  const client = new pg.Client({ connectionString: emptyUrl });
  await client.connect();
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  await client.end();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  runCli(args, {
    env: {
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      POSTHORN_URL: 'http://127.0.0.1:1',
      POSTHORN_DATA_DIR: folder,
      ...env,
    },
  });

interface Diagnosis {
  code: number | string;
  well: boolean;
  of: (check: string) => Json;
}

async function diagnosed(args: string[], env?: NodeJS.ProcessEnv): Promise<Diagnosis> {
  const { code, stdout, stderr } = await run(['doctor', '--json', ...args], env);
  expect(stderr).toBe('');
  const { well, findings } = JSON.parse(stdout);
  return { code, well, of: (check) => findings.find((one: Json) => one.check === check) };
}

it('migrate says what is missing, applies it, and then finds nothing more to do', async () => {
  const env = { DATABASE_URL: emptyUrl };
  const before = await run(['migrate', '--check', '--json'], env);
  expect(before.code).toBe(1);
  expect(JSON.parse(before.stdout).missing[0]).toBe('0001_spine');
  const doctor = await diagnosed([], env);
  expect(doctor.of('postgres: migrations')).toMatchObject({
    verdict: 'warn',
    advice: expect.stringContaining('posthorn migrate'),
  });
  // Production demands keys of those who serve, not of those who migrate.
  const applied = await run(['migrate'], { ...env, POSTHORN_ENV: 'production' });
  expect(applied).toMatchObject({ code: 0, stdout: expect.stringMatching(/^applied 0001_spine$/m) });
  expect(await run(['migrate', '--check'], env)).toMatchObject({
    code: 0,
    stdout: 'The database has the newest schema.\n',
  });
});

it('seal-again says what it has done, and wants the keys', async () => {
  const keys = { POSTHORN_ENCRYPTION_KEYS: 'a-key-of-this-test,another-of-this-test' };
  const sealed = await run(['seal-again', '--json'], keys);
  expect(sealed.code, sealed.stderr).toBe(0);
  expect(JSON.parse(sealed.stdout)).toMatchObject({ endpoints: 0, resealed: 0, unreadable: [] });
  expect(await run(['seal-again'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('POSTHORN_ENCRYPTION_KEYS'),
  });
});

it('doctor finds servers that are well to be so', async () => {
  const port = await pickPort(0, 'nobody', () => {});
  const { of, code } = await diagnosed([], { POSTHORN_TASK_QUEUE: 'nobody-works-here', PORT: String(port) });
  for (const check of [
    'settings',
    'postgres',
    'postgres: clock',
    'postgres: migrations',
    'temporal',
    'temporal: namespace',
  ])
    expect(of(check), check).toMatchObject({ verdict: 'ok' });
  expect(of('temporal: workers')).toMatchObject({ verdict: 'warn' });
  // POSTHORN_URL says that there is one.
  expect(of('api')).toMatchObject({ verdict: 'fail', advice: expect.stringContaining('posthorn start') });
  expect(code).toBe(1);
});

it('doctor names what is wrong with settings and servers, what to do, and no secret', async () => {
  const wrong = await run(['doctor'], { PORT: 'abc', POSTHORN_API_KEY: 'short-secret' });
  expect(wrong).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^fail +settings +.*\n.*PORT="abc"/m),
  });
  expect(wrong.stdout).not.toContain('short-secret');

  const away = await diagnosed([], {
    DATABASE_URL: 'postgres://posthorn:s3cret@127.0.0.1:1/posthorn',
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    POSTHORN_EGRESS_PROXY: 'http://user:s3cret@127.0.0.1:1',
    POSTHORN_ALLOWED_NETWORKS: '0.0.0.0/0',
  });
  for (const check of ['postgres', 'temporal', 'egress: proxy'])
    expect(away.of(check), check).toMatchObject({ verdict: 'fail', advice: expect.stringMatching(/\S/) });
  expect(away.code).toBe(1);
  const shown = await run(['doctor'], { DATABASE_URL: databaseUrl.replace(/\/[^/]*$/, '/nobody') });
  expect(shown.stdout).toMatch(/^fail +postgres/m);
  expect(shown.stdout).not.toContain(new URL(databaseUrl).password);

  const credentials = await diagnosed([], { POSTHORN_URL: 'http://user:s3cret@127.0.0.1:1' });
  expect(credentials.of('api')).toMatchObject({
    verdict: 'fail',
    message: expect.not.stringContaining('s3cret'),
  });
});

it('doctor says of an endpoint how far it is reached, by the rules for deliveries', async () => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/moved' ? 302 : 405, { location: '/' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const there = await diagnosed(['--endpoint', `${url}/hook`]);
    expect(there.of('endpoint: connect')).toMatchObject({ verdict: 'ok' });
    expect(there.of('endpoint: answer')).toMatchObject({
      verdict: 'ok',
      message: expect.stringContaining('405'),
    });
    // The same without a process for each.
    const [moved, nobody, forbidden, tls] = await Promise.all(
      [
        `${url}/moved`,
        'http://no-such-host.invalid/x',
        'https://10.0.0.1/x',
        url.replace('http:', 'https:'),
      ].map(findingsAbout),
    );
    expect(moved!.at(-1)).toMatchObject({ verdict: 'warn', message: expect.stringContaining('redirect') });
    expect(nobody).toMatchObject([{ check: 'endpoint: dns', verdict: 'fail' }]);
    expect(forbidden).toMatchObject([
      { check: 'endpoint: url', message: expect.stringContaining('private') },
    ]);
    expect(tls!.at(-1)).toMatchObject({ check: 'endpoint: tls', verdict: 'fail' });
  } finally {
    server.close();
  }
});

async function findingsAbout(url: string): Promise<Finding[]> {
  const dns = createDnsCache();
  const guard = createAddressGuard({ dns, allowLoopback: true, allowHttp: true, allowedNetworks: [] });
  const sender = createSender({ guard, dns });
  let shown = '';
  const output = createOutput({
    json: true,
    color: false,
    stdout: (text) => (shown += text),
    stderr: () => {},
  });
  const report = createReport(output);
  await checkEndpoint(report, url, { sender, guard, dns, resolvesElsewhere: false });
  await sender.close();
  report.end(false);
  return (JSON.parse(shown) as { findings: Finding[] }).findings;
}
