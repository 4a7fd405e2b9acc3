/** Posthorn as its users run it: `node dist/src/main.js`, a process that a test can kill and start again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { pickPort } from '../../src/embedded/ports.ts';
import { ALLOCATOR_SETTINGS, NODE_FLAGS } from '../../src/memory-settings.ts';
import { API_KEY, callApi, type Answer } from './posthorn.ts';
import { until } from './until.ts';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

export interface ChildOptions {
  databaseUrl: string;
  /** The shared server by default. */
  temporalAddress?: string;
  env?: NodeJS.ProcessEnv;
  /** As who types the command has it: it finds its flags and its allocator's settings by itself. */
  bare?: boolean;
  /** Do not wait for Temporal: it is away. */
  withoutTemporal?: boolean;
}

export interface Child {
  url: string;
  env: NodeJS.ProcessEnv;
  pid(): number;
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** As a power cut would. */
  kill9(): Promise<void>;
  /** As an operator would: resolves when it has ended by itself. */
  terminate(): Promise<void>;
  /** Holds it up: it does nothing until it is resumed, and does not know of it. */
  suspend(): void;
  resume(): void;
  /** Starts it again on the same port, and waits until it serves. */
  restart(): Promise<void>;
  /** All it has printed since its first start. */
  output(): string;
  /** Exit code or signal; null while it runs. */
  endedAs(): string | null;
  residentMib(): number;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const one of running) one.kill('SIGKILL');
});

export async function startChild(options: ChildOptions): Promise<Child> {
  const port = await pickPort(0, 'Posthorn', () => {});
  const env: NodeJS.ProcessEnv = {
    ...withoutSettings(process.env),
    ...(options.bare ? {} : ALLOCATOR_SETTINGS),
    PORT: String(port),
    POSTHORN_RECEIVER_PORT: '0',
    POSTHORN_API_KEY: API_KEY,
    POSTHORN_TASK_QUEUE: `test-${randomUUID()}`,
    POSTHORN_LOG_LEVEL: 'warn',
    WARM_UP: 'false',
    DATABASE_URL: options.databaseUrl,
    TEMPORAL_ADDRESS: options.temporalAddress ?? inject('temporalAddress'),
    DISPATCH: process.env.DISPATCH,
    ...options.env,
  };
  // With them from the start, it need not become another Node first.
  const flags = options.bare ? [] : NODE_FLAGS;
  const url = `http://127.0.0.1:${port}`;
  let output = '';
  let current: ChildProcess;
  let ended: Promise<void>;
  let endedAs: string | null = null;

  async function start(): Promise<void> {
    const printedBefore = output.length;
    endedAs = null;
    current = spawn(process.execPath, [...flags, MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(current);
    for (const stream of [current.stdout!, current.stderr!]) stream.on('data', (chunk) => (output += chunk));
    const child = current;
    ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        running.delete(child);
        endedAs = signal ?? `exit code ${code}`;
        resolve();
      });
    });
    const serves = async () => {
      if (endedAs !== null) throw new Error(`Posthorn ended (${endedAs}):\n${output.slice(-2_000)}`);
      if (env.POSTHORN_ROLE === 'worker') return output.slice(printedBefore).includes('is ready');
      const path = options.withoutTemporal ? '/healthz' : '/readyz';
      return fetch(url + path).then(
        (answer) => answer.ok,
        () => false,
      );
    };
    await until(serves, (up) => up);
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    current.kill(signal);
    await ended;
  }

  await start();
  return {
    url,
    env,
    pid: () => current.pid!,
    call: (method, path, body) => callApi(url + path, method, body),
    kill9: () => end('SIGKILL'),
    terminate: () => end('SIGTERM'),
    suspend: () => void current.kill('SIGSTOP'),
    resume: () => void current.kill('SIGCONT'),
    restart: start,
    output: () => output,
    endedAs: () => endedAs,
    residentMib: () => residentMib(current.pid!),
  };
}

/** The settings of whoever runs the tests are for another Posthorn. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const settings =
    /^(POSTHORN_|TEMPORAL_|DATABASE_|DISPATCH$|BURST_SIZE$|MAX_IN_FLIGHT|WORKFLOW_|PORT$|HOST$)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !settings.test(name)));
}

function residentMib(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) / 1024;
}
