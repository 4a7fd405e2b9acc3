import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { downloadArchive } from '../../src/embedded/fetch-program.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fetch-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function serve(bytes: Buffer): Promise<string> {
  const server = createServer((_request, response) => void response.end(bytes));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/temporal.tar.gz`;
}

function archive(): Buffer {
  writeFileSync(join(folder, 'temporal'), '#!/bin/sh\n');
  execFileSync('tar', ['-czf', 'made.tar.gz', 'temporal'], { cwd: folder });
  rmSync(join(folder, 'temporal'));
  return readFileSync(join(folder, 'made.tar.gz'));
}

it('a downloaded program is unpacked when it is the one we know', async () => {
  const bytes = archive();
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await downloadArchive(await serve(bytes), sha256, folder, () => {});
  expect(readFileSync(join(folder, 'temporal'), 'utf8')).toBe('#!/bin/sh\n');
});

it('one that is another is refused before it is unpacked', async () => {
  const url = await serve(archive());
  const known = 'a'.repeat(64);
  await expect(downloadArchive(url, known, folder, () => {})).rejects.toThrow(/SHA-256.*expected a{64}/);
  expect(existsSync(join(folder, 'temporal'))).toBe(false);
});
