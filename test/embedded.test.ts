import fc from 'fast-check';
import { Connection, WorkflowClient } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { readOrMakeApiKey } from '../src/api-key.ts';
import { loadConfig } from '../src/config.ts';
import { startReceiver } from '../src/dev/receiver.ts';
import { preferredPorts, startEmbedded } from '../src/embedded/index.ts';
import { lockDataDir } from '../src/embedded/lock.ts';
import { makePrivateFolder } from '../src/embedded/private-folder.ts';
import { pickPort } from '../src/embedded/ports.ts';
import { startPostgres } from '../src/embedded/postgres.ts';
import { isRunning, processRef, runningFromPidFile, writePidFile } from '../src/embedded/processes.ts';
import { startService, type ServiceSpec } from '../src/embedded/service.ts';
import { startTemporal } from '../src/embedded/temporal-server.ts';
import { until } from './support/until.ts';

let dataDir: string;
let lines: string[];
const log = (line: string) => void lines.push(line);

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'posthorn-embedded-'));
  lines = [];
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** Some living process that is not ours to know. */
function startBystander(): ChildProcess & { pid: number } {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' }) as ChildProcess & { pid: number };
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function query(url: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

describe('ports', () => {
  it('in use are passed over, and it says so', async () => {
    const server = createServer();
    const taken = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    onTestFinished(() => void server.close());
    const port = await pickPort(taken, 'Postgres', log);
    expect(port).not.toBe(taken);
    expect(lines.join()).toContain(`Port ${taken} is in use: Postgres listens on`);
  });

  it('follow from PORT, so that two instances keep apart', () => {
    expect(preferredPorts(8080)).toEqual({ postgres: 54_320, temporal: 7233, temporalUi: 8233 });
    expect(preferredPorts(8090)).toEqual({ postgres: 54_330, temporal: 7243, temporalUi: 8243 });
    expect(preferredPorts(48_080)).toEqual({ postgres: 29_808, temporal: 47_233, temporalUi: 48_233 });
    expect(preferredPorts(80)).toEqual({ postgres: 46_320, temporal: 63_745, temporalUi: 64_745 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65_535 }), (port) => {
        const ports = Object.values(preferredPorts(port));
        expect(new Set([port, port + 1, ...ports]).size).toBe(5);
        for (const one of ports) expect([one >= 1024, one <= 65_535]).toEqual([true, true]);
      }),
    );
    expect(preferredPorts(0)).toEqual({ postgres: 0, temporal: 0, temporalUi: 0 });
  });
});

describe('the lock on the data folder', () => {
  it('refuses a second Posthorn, naming the first and what to do', () => {
    const other = startBystander();
    writePidFile(join(dataDir, 'posthorn.pid'), processRef(other.pid)!);
    expect(() => lockDataDir(dataDir)).toThrow(
      new RegExp(`process ${other.pid}.*${dataDir}[^]*POSTHORN_DATA_DIR`),
    );
  });

  it.each([
    ['of a process that has ended', () => '{"pid":999999999,"identity":"x"}'],
    ['whose number another process has now', () => `{"pid":${startBystander().pid},"identity":"older"}`],
    ['that a crash left half written', () => '{"pid":'],
  ])('counts for nothing when it is one %s', (_, content) => {
    writeFileSync(join(dataDir, 'posthorn.pid'), content());
    const unlock = lockDataDir(dataDir);
    expect(() => lockDataDir(dataDir)).toThrow(/Another Posthorn/);
    unlock();
    expect(existsSync(join(dataDir, 'posthorn.pid'))).toBe(false);
  });
});

describe('the data folder', () => {
  const modeOf = (path: string) => statSync(path).mode & 0o777;
  // Postgres runs as another user when we are root, and has to pass through.
  const closed = process.getuid?.() === 0 ? 0o711 : 0o700;
  const config = () => loadConfig({ POSTHORN_DATA_DIR: join(dataDir, 'new') });

  it('is closed to others before the key is written into it', () => {
    process.umask(0o022);
    readOrMakeApiKey(config());
    expect(modeOf(join(dataDir, 'new'))).toBe(closed);
    expect(modeOf(join(dataDir, 'new/api-key'))).toBe(0o600);
  });

  it('that was open is closed, and so is what lies in it', () => {
    const folder = join(dataDir, 'new');
    mkdirSync(folder);
    const files = ['api-key', 'postgres.password', 'temporal.db', 'temporal.db-wal', 'postgres.log'];
    for (const name of files) writeFileSync(join(folder, name), 'a-key-of-before');
    chmodSync(folder, 0o755);
    for (const name of files) chmodSync(join(folder, name), 0o644);
    lockDataDir(folder)();
    expect(modeOf(folder)).toBe(closed);
    for (const name of files) expect([name, modeOf(join(folder, name))]).toEqual([name, 0o600]);
    expect(readOrMakeApiKey(config())).toBe('a-key-of-before');
  });

  it('is not taken away from others who use it', () => {
    const folder = join(dataDir, 'new');
    mkdirSync(folder);
    writeFileSync(join(folder, 'somebody.txt'), '');
    chmodSync(folder, 0o755);
    expect(() => lockDataDir(folder)).toThrow(/open to other users.*somebody\.txt.*POSTHORN_DATA_DIR/);
    expect(modeOf(folder)).toBe(0o755);
    expect(() => makePrivateFolder(tmpdir())).toThrow(/POSTHORN_DATA_DIR/);
  });

  it('has nothing in it that others may read, once servers run on it', async () => {
    const folder = join(dataDir, 'new');
    process.umask(0o022);
    const embedded = await startEmbedded({
      dataDir: folder,
      port: 0,
      wantPostgres: true,
      wantTemporal: true,
      log,
    });
    onTestFinished(() => embedded.stop());
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      expect([entry.name, modeOf(join(folder, entry.name)) & 0o077]).toEqual([entry.name, 0]);
    }
  });
});

describe('a service', () => {
  const spec = (over: Partial<ServiceSpec> = {}): ServiceSpec => ({
    name: 'Sleeper',
    command: 'sleep',
    args: ['60'],
    pidFile: join(dataDir, 'sleeper.pid'),
    logFile: join(dataDir, 'sleeper.log'),
    stopSteps: [{ signal: 'SIGTERM', waitMs: 5_000 }],
    ready: () => Promise.resolve(true),
    startLimitSeconds: 5,
    log,
    ...over,
  });
  const current = () => runningFromPidFile(spec().pidFile);

  it('that a killed run left behind is stopped before the new one starts', async () => {
    const leftover = processRef(startBystander().pid)!;
    writePidFile(spec().pidFile, leftover);
    const service = await startService(spec());
    expect(isRunning(leftover)).toBe(false);
    expect(lines[0]).toContain(`process ${leftover.pid}`);
    await service.stop();
    expect(existsSync(spec().pidFile)).toBe(false);
  });

  it('leaves a process alone that only has the number of an old one', async () => {
    const stranger = processRef(startBystander().pid)!;
    writePidFile(spec().pidFile, { pid: stranger.pid, identity: 'older' });
    const service = await startService(spec());
    await service.stop();
    expect(isRunning(stranger)).toBe(true);
  });

  it('that dies is started again, until it is stopped', async () => {
    const service = await startService(spec());
    const first = current()!;
    process.kill(first.pid, 'SIGKILL');
    const second = (await until(current, (now) => now !== null && now.pid !== first.pid))!;
    expect(lines.join()).toContain('Sleeper ended by itself (signal SIGKILL)');
    await service.stop();
    expect(isRunning(second)).toBe(false);
  });

  it('that does not start gives an error with the end of its log', async () => {
    const failing = spec({
      command: 'sh',
      args: ['-c', 'echo no room left; exit 3'],
      ready: async () => false,
    });
    await expect(startService(failing)).rejects.toThrow(
      /Sleeper did not start[^]*sleeper\.log[^]*no room left/,
    );
  });
});

describe('embedded Postgres', () => {
  it('keeps its data over a restart, for itself', async () => {
    const first = await startPostgres({ dataDir, log });
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS one');
    await first.stop();
    expect(statSync(join(dataDir, 'postgres.password')).mode & 0o777).toBe(0o600);
    expect(lines.join()).not.toContain(new URL(first.url).password);

    // A crash leaves this file; by now its number may be anybody's.
    writeFileSync(join(dataDir, 'postgres', 'postmaster.pid'), `${startBystander().pid}\n`);
    const second = await startPostgres({ dataDir, log });
    onTestFinished(() => second.stop());
    expect((await query(second.url, 'SELECT one FROM kept')).rows).toEqual([{ one: 1 }]);
    expect((await query(second.url, 'SHOW synchronous_commit')).rows[0]).toEqual({
      synchronous_commit: 'on',
    });
  });

  it('does not start on data whose password is gone', async () => {
    const { stop } = await startPostgres({ dataDir, log });
    await stop();
    rmSync(join(dataDir, 'postgres.password'));
    await expect(startPostgres({ dataDir, log })).rejects.toThrow(/postgres\.password.* is missing/);
  });
});

describe('embedded Temporal', () => {
  const withClient = async <T>(address: string, use: (client: WorkflowClient) => Promise<T>) => {
    const connection = await Connection.connect({ address });
    return use(new WorkflowClient({ connection })).finally(() => connection.close());
  };
  const optionsFor = (folder: string) => ({
    dataDir: folder,
    uiPort: false as const,
    searchAttributes: { Colour: 'Keyword' as const },
    log,
  });

  it('keeps its workflows over a restart', async () => {
    const options = optionsFor(dataDir);
    const first = await startTemporal(options);
    await withClient(first.address, (client) =>
      client.start('nobody-runs-this', {
        workflowId: 'w1',
        taskQueue: 'none',
        searchAttributes: { Colour: ['red'] },
      }),
    );
    await first.stop();
    const second = await startTemporal(options);
    onTestFinished(() => second.stop());
    const found = await withClient(second.address, (client) => client.getHandle('w1').describe());
    expect(found.status.name).toBe('RUNNING');
  });

  it('writes few indexes of workflows, and finds them by whatever they are searched by', async () => {
    const options = optionsFor(dataDir);
    const first = await startTemporal(options);
    await withClient(first.address, async (client) => {
      const start = (workflowId: string, colour: string) =>
        client.start('nobody-runs-this', {
          workflowId,
          taskQueue: 'none',
          typedSearchAttributes: [{ key: defineSearchAttributeKey('Colour', 'KEYWORD'), value: colour }],
        });
      await start('w1', 'red');
      await (await start('w2', 'blue')).terminate();
      const ids = async (query: string) => {
        const found: string[] = [];
        for await (const { workflowId } of client.list({ query })) found.push(workflowId);
        return found.join();
      };
      // One has an index, the others an index of some rows or none.
      const ofTheOpen = ['ExecutionStatus = "Running"', 'Colour = "red"', 'CloseTime IS NULL'];
      for (const query of ofTheOpen)
        await until(
          () => ids(query),
          (found) => found === 'w1',
        );
      const ofTheEnded = 'Colour = "blue" AND ExecutionDuration > 0 AND TaskQueue = "none"';
      await until(
        () => ids(ofTheEnded),
        (found) => found === 'w2',
      );
    });
    await first.stop();

    const database = new DatabaseSync(join(dataDir, 'temporal.db'), { readOnly: true });
    onTestFinished(() => database.close());
    const all = `SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'executions_visibility'
      AND sql NOT LIKE '% WHERE %' ORDER BY name`;
    expect(
      database
        .prepare(all)
        .all()
        .map((row) => row.name),
    ).toEqual(['by_status', 'by_workflow_id', 'by_workflow_type', 'default_idx']);
  });
});

describe('startEmbedded', () => {
  it('refuses a data folder that is in use, and frees it when stopped', async () => {
    const options = { dataDir, port: 0, wantPostgres: true, wantTemporal: false, log };
    const embedded = await startEmbedded(options);
    expect(embedded.temporalAddress).toBeUndefined();
    await expect(startEmbedded(options)).rejects.toThrow(/Another Posthorn/);
    expect((await query(embedded.databaseUrl!, 'SELECT 1')).rowCount).toBe(1);
    await Promise.all([embedded.stop(), embedded.stop()]);
    await (await startEmbedded(options)).stop();
  });

  it('wants no data folder when nothing is to be started', async () => {
    const nowhere = join(dataDir, 'not-made');
    await startEmbedded({ dataDir: nowhere, port: 0, wantPostgres: false, wantTemporal: false, log });
    expect(existsSync(nowhere)).toBe(false);
  });
});

describe('the development receiver', () => {
  it('answers by what verify says, and 500 on /fail', async () => {
    const receiver = await startReceiver({
      port: 0,
      log,
      verify: async ({ headers, body }) =>
        headers['x-ok'] === body.toString()
          ? { ok: true, detail: 'signed' }
          : { ok: false, detail: 'wrong key' },
    });
    onTestFinished(() => receiver.stop());
    const body = '{"type":"invoice.paid"}';
    const post = (path: string, ok: string) =>
      fetch(receiver.url + path, { method: 'POST', body, headers: { 'x-ok': ok } }).then(
        (answer) => answer.status,
      );
    expect(await post('/any/path', body)).toBe(200);
    expect(await post('/', 'no')).toBe(401);
    expect(await post('/fail', body)).toBe(500);
    expect(lines[0]).toMatch(/POST \/any\/path · invoice\.paid · 23 bytes · ✓ signed → 200/);
    expect(lines[1]).toMatch(/✗ wrong key → 401/);
  });

  it('prints no control characters of what it gets', async () => {
    const verify = async () => ({ ok: false, detail: 'no\u001b[2J' });
    const receiver = await startReceiver({ port: 0, log, verify });
    onTestFinished(() => receiver.stop());
    const type = 'a\u001b]0;title\u0007\r\nreceived POST /forged \u202e\u2028';
    await fetch(receiver.url, { method: 'POST', body: JSON.stringify({ type }) });
    await fetch(receiver.url, { method: 'POST', body: JSON.stringify({ type: 'x'.repeat(100_000) }) });
    expect(lines[0]).toContain('a\\u{1b}]0;title\\u{7}\\u{d}\\u{a}received');
    for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\u2028]/u);
    expect(lines[1]!.length).toBeLessThan(1_100);
  });
});
