/** `npm start` as a process of its own, seen from outside: its output, its signals, its pid files. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isPortFree } from '../../src/embedded/ports.ts';
import { runningFromPidFile, stopProcess, type ProcessRef } from '../../src/embedded/processes.ts';
import { type Answer } from './posthorn.ts';
import { until } from './until.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Run {
  /** Everything printed so far. */
  output(): string;
  /** Milliseconds from the call to the welcome text; throws with the output when it does not come. */
  ready(): Promise<number>;
  /** The lines of the welcome that a newcomer copies and pastes. */
  commands(): string[];
  apiUrl(): string;
  apiKey(): string;
  /** Calls the API with the printed key. */
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Postgres and Temporal, from the pid files in the data folder. */
  servers(): ProcessRef[];
  /** Sends the signal and waits for the end: the exit code, or the name of the signal that ended it. */
  end(signal?: NodeJS.Signals): Promise<number | string>;
  ended: Promise<number | string>;
}

const runs: { run: Run; pid: number; over: () => boolean }[] = [];
const folders: string[] = [];

export function newDataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-e2e-'));
  folders.push(folder);
  return folder;
}

/** A port that is free, and so is the one above it, which the receiver takes. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if ((await isPortFree(port)) && (await isPortFree(port + 1))) return port;
  }
}

export function npmStart(dataDir: string, port: number): Run {
  // Nothing of the settings of whoever runs the tests.
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(POSTHORN_|TEMPORAL_|DATABASE_|VITEST|NODE_|DISPATCH|BURST_|MAX_IN|WORKFLOW_)/.test(name),
  );
  const env = { ...Object.fromEntries(own), PORT: String(port), POSTHORN_DATA_DIR: dataDir };
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join(root, 'scripts/start.mjs')], { cwd: root, env });
  let text = '';
  let readyMs: number | null = null;
  let over = false;
  const hear = (chunk: Buffer) => {
    text += chunk.toString('utf8');
    if (text.includes('Ctrl-C stops')) readyMs ??= performance.now() - startedAt;
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      over = true;
      resolve(signal ?? code ?? 'no exit code');
    });
  });

  const find = (pattern: RegExp) => {
    const found = pattern.exec(text);
    if (!found) throw new Error(`The output has no ${String(pattern)}:\n${text}`);
    return found[1]!;
  };
  const run: Run = {
    output: () => text,
    ended,
    async ready() {
      await until(
        () => text,
        () => readyMs !== null || over,
      );
      if (readyMs === null) throw new Error(`It ended instead of starting:\n${text}`);
      return readyMs;
    },
    commands: () => text.split('\n').filter((line) => /^ {2}(export|curl) /.test(line)),
    apiUrl: () => find(/^ {2}API +(http\S+)/m),
    apiKey: () => find(/^ {2}API key +(\S+)/m),
    async call(method, path, body) {
      const response = await fetch(run.apiUrl() + path, {
        method,
        headers: { authorization: `Bearer ${run.apiKey()}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, headers: response.headers, body: await response.json() };
    },
    servers: () => serversOf(dataDir),
    end(signal = 'SIGINT') {
      child.kill(signal);
      return ended;
    },
  };
  runs.push({ run, pid: child.pid!, over: () => over });
  return run;
}

function serversOf(dataDir: string): ProcessRef[] {
  const files = ['postgres-server.pid', 'temporal-server.pid'].map((name) => join(dataDir, name));
  return files.map(runningFromPidFile).filter((ref) => ref !== null);
}

/** Command lines that name the folder: whatever still runs on it, Postgres' own children included. */
export function processesOn(dataDir: string): string[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(dataDir));
}

/** Ends what a failed test left running, and removes the data. */
export async function cleanUp(): Promise<void> {
  for (const { run, over } of runs) if (!over()) await run.end('SIGKILL');
  for (const folder of folders) {
    for (const server of serversOf(folder)) await stopProcess(server, [{ signal: 'SIGKILL', waitMs: 5_000 }]);
    rmSync(folder, { recursive: true, force: true });
  }
}
