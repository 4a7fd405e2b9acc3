/** Posthorn as its users run it: a process from dist/src/main.js, told by its environment what to use. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ALLOCATOR_SETTINGS, NODE_FLAGS } from '../../src/memory-settings.ts';
import { nowMs, sleep } from '../clock.ts';
import { cpuMs, peakResidentMib } from './processes.ts';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const START_LIMIT_MS = 60_000;
const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}(:\d+)*/g;
/** The SDK says this of a worker that is for activities alone, as one of Posthorn's is. */
const EXPECTED = /^No workflows registered/;

export interface PosthornOptions {
  role: 'all' | 'api' | 'worker';
  port: number;
  logFile: string;
  env: NodeJS.ProcessEnv;
  /** Loaded before Posthorn, which can then be talked to with send() and ask(). */
  hook?: string;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class PosthornProcess {
  readonly options: PosthornOptions;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #endedAs: string | null = null;
  /** Read just before a kill: afterwards nobody can ask. */
  #finalCpuMs = 0;
  #finalPeakMib = 0;

  constructor(options: PosthornOptions) {
    this.options = options;
    const log = openSync(options.logFile, 'a');
    const env = {
      ...withoutSettings(process.env),
      POSTHORN_ROLE: options.role,
      PORT: String(options.port),
      ...options.env,
    };
    // With its flags from the start, since a channel to the hook would not outlast its becoming another Node.
    this.#child = options.hook
      ? spawn(process.execPath, [...NODE_FLAGS, '--import', options.hook, MAIN], {
          env: { ...ALLOCATOR_SETTINGS, ...env },
          stdio: ['ignore', log, log, 'ipc'],
        })
      : spawn(process.execPath, [MAIN], { env, stdio: ['ignore', log, log] });
    closeSync(log);
    this.pid = this.#child.pid!;
    running.add(this.#child);
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#endedAs = signal ?? `exit code ${code}`;
        running.delete(this.#child);
        resolve();
      });
    });
  }

  get hasEnded(): string | null {
    return this.#endedAs;
  }

  /** Serves, with Postgres and Temporal behind it; for a worker: has said that it runs. */
  async ready(): Promise<void> {
    const endMs = nowMs() + START_LIMIT_MS;
    while (!(await this.#isReady())) {
      if (this.#endedAs !== null || nowMs() > endMs) {
        const log = readFileSync(this.options.logFile, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
        throw new Error(
          `Posthorn (${this.options.role}) did not start (${this.#endedAs ?? 'no answer'}):\n${log}`,
        );
      }
      await sleep(20);
    }
  }

  async #isReady(): Promise<boolean> {
    if (this.options.role === 'worker') return readFileSync(this.options.logFile, 'utf8').includes('ready');
    try {
      const url = `http://127.0.0.1:${this.options.port}/readyz`;
      return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
    } catch {
      return false;
    }
  }

  send(message: object): void {
    this.#child.send(message);
  }

  /** Sends, and resolves with what the hook says next. */
  async ask<T>(message: object): Promise<T> {
    const answer = once(this.#child, 'message');
    this.send(message);
    return (await answer)[0] as T;
  }

  cpuMs(): number {
    return cpuMs(this.pid) ?? this.#finalCpuMs;
  }

  peakMib(): number {
    return peakResidentMib(this.pid) ?? this.#finalPeakMib;
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.#endedAs !== null) return;
    this.#finalCpuMs = this.cpuMs();
    this.#finalPeakMib = this.peakMib();
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 15_000);
    await this.#ended;
    clearTimeout(timer);
  }

  /** What it logged as warnings or worse: message → how often. */
  warnings(): Record<string, number> {
    const found: Record<string, number> = {};
    for (const line of readFileSync(this.options.logFile, 'utf8').split('\n')) {
      const message = warningOf(line);
      if (message === null || EXPECTED.test(message)) continue;
      const general = message.replace(ID, '…');
      found[general] = (found[general] ?? 0) + 1;
    }
    return found;
  }
}

function warningOf(line: string): string | null {
  if (!line.startsWith('{"level":')) return /error|could not|panic/i.test(line) ? line.slice(0, 200) : null;
  const { level, msg, err } = JSON.parse(line) as Logged;
  if (level < 40) return null;
  const reason = typeof err === 'object' ? err.message : err;
  return reason === undefined ? String(msg) : `${msg}: ${reason.slice(0, 200)}`;
}

interface Logged {
  level: number;
  msg?: string;
  err?: string | { message: string };
}

/** The settings of whoever starts the benchmark are for another Posthorn. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours =
    /^(POSTHORN_|TEMPORAL_|DATABASE_|DISPATCH$|BURST_SIZE$|MAX_IN_FLIGHT|WORKFLOW_STARTS|SMTP_URL$|PORT$|HOST$)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours.test(name)));
}
