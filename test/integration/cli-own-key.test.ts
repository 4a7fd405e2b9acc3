/** The key in a data folder is for the Posthorn that runs on it, and goes to nobody else. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { noteApiUrl } from '../../src/api-key.ts';
import { processRef } from '../../src/embedded/processes.ts';
import { runCli } from '../support/cli.ts';

const KEY = 'ph_the-key-of-this-folder';
const received: IncomingHttpHeaders[] = [];
/** Whoever listens at an address. */
const server = createServer((request, response) => {
  received.push(request.headers);
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[],"next_cursor":null}');
});
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => void received.splice(0));

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'posthorn-key-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  mkdirSync(made, { recursive: true });
  writeFileSync(join(made, 'api-key'), `${KEY}\n`, { mode: 0o600 });
  return made;
}

const list = (dataDir: string, at = url) =>
  runCli(['keys', 'list', '--url', at], { env: { POSTHORN_DATA_DIR: dataDir } });

async function expectNoKey(dataDir: string, at = url): Promise<void> {
  const { code, stderr } = await list(dataDir, at);
  expect([code, received]).toEqual([2, []]);
  expect(stderr).toContain('No API key');
  expect(stderr).not.toContain(KEY);
}

it('is read for the one that says so at this address', async () => {
  const dataDir = folder();
  noteApiUrl(dataDir, url);
  expect(await list(dataDir)).toMatchObject({ code: 0 });
  expect(received).toMatchObject([{ authorization: `Bearer ${KEY}` }]);
});

it('is read for the one that listens on all addresses, at this one', async () => {
  const dataDir = folder();
  noteApiUrl(dataDir, url.replace('127.0.0.1', '0.0.0.0'));
  expect(await list(dataDir)).toMatchObject({ code: 0 });
});

it('is kept from another port and another host', async () => {
  const dataDir = folder();
  noteApiUrl(dataDir, 'http://127.0.0.1:9');
  await expectNoKey(dataDir);
  await expectNoKey(dataDir, url.replace('127.0.0.1', 'localhost'));
});

it('is kept from whoever listens where none runs on the folder, or not any more', async () => {
  const dataDir = folder();
  await expectNoKey(dataDir);
  const { pid } = processRef()!;
  for (const ended of [{ pid, identity: 'of another boot' }, { pid: 2 ** 22 + 1, identity: 'gone' }, {}]) {
    writeFileSync(join(dataDir, 'api-url'), JSON.stringify({ ...ended, url }));
    await expectNoKey(dataDir);
  }
});
