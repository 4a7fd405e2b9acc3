/** `posthorn` as people run it: the built command, a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

export const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

export interface Ended {
  code: number | string;
  stdout: string;
  stderr: string;
}

export interface Going {
  pid: number;
  stdout(): string;
  stderr(): string;
  /** Lines of JSON that came so far. */
  records(): Record<string, unknown>[];
  /** Waits until it has printed that. */
  says(pattern: RegExp): Promise<void>;
  /** Sends the signal, and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<Ended>;
  ended: Promise<Ended>;
}

export interface CliOptions {
  env?: NodeJS.ProcessEnv;
  input?: string;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const one of running) one.kill('SIGKILL');
});

/** Nothing of the settings of whoever runs the tests. */
function cleanEnv(): NodeJS.ProcessEnv {
  const settings = /^(POSTHORN_|TEMPORAL_|DATABASE_|NO_COLOR$|FORCE_COLOR$|VITEST)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !settings.test(name)));
}

export function startCli(args: string[], { env = {}, input }: CliOptions = {}): Going {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...cleanEnv(), ...env } });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code: signal ?? code ?? 'no exit code', stdout, stderr });
    });
  });
  return {
    pid: child.pid!,
    stdout: () => stdout,
    stderr: () => stderr,
    records: () =>
      stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    says: async (pattern) => {
      await until(
        () => {
          if (!running.has(child)) throw new Error(`It ended:\n${stdout}\n${stderr}`);
          return stdout + stderr;
        },
        (text) => pattern.test(text),
      );
    },
    end(signal = 'SIGINT') {
      child.kill(signal);
      return ended;
    },
    ended,
  };
}

export const runCli = (args: string[], options?: CliOptions): Promise<Ended> => startCli(args, options).ended;
