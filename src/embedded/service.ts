import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, processRef, runningFromPidFile, stopProcess, writePidFile } from './processes.ts';
import type { ProcessRef, StopStep } from './processes.ts';

/** A server program that Posthorn starts beside itself and stops again. */
export interface ServiceSpec {
  /** For people: "Postgres". */
  name: string;
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  pidFile: string;
  logFile: string;
  stopSteps: StopStep[];
  /** True as soon as it serves; called again and again until then. */
  ready: () => Promise<boolean>;
  startLimitSeconds: number;
  log: (line: string) => void;
}

export interface Service {
  stop(): Promise<void>;
}

interface Child {
  ref: ProcessRef | null;
  /** Resolves with how it ended: "exit code 1", "signal SIGKILL". */
  ended: Promise<string>;
  hasEnded: () => boolean;
}

const LOG_LIMIT_BYTES = 10 * 1024 * 1024;

/**
 * Starts a service, waits until it serves, and starts it again should it die. A process that a killed Posthorn
 * left behind (the pid file names it) is stopped first.
 */
export async function startService(spec: ServiceSpec): Promise<Service> {
  await stopLeftover(spec);
  rotateLog(spec.logFile);
  const controller = new AbortController();
  let child = launch(spec);
  for (let tries = 1; !(await isUpOrStopped(spec, child, controller.signal)); tries += 1) {
    const endedByItself = child.hasEnded();
    await stopChild(spec, child);
    // Worth repeating: after a crash, what is left of the old process can hold its memory or port for a moment.
    if (!endedByItself || tries === 3) {
      throw new Error(
        `${spec.name} did not start. The end of its log (${spec.logFile}):\n${logTail(spec.logFile)}`,
      );
    }
    await sleep(500);
    child = launch(spec);
  }

  const supervise = async () => {
    let delayMs = 1000;
    for (;;) {
      const how = await child.ended;
      if (controller.signal.aborted) return;
      spec.log(`${spec.name} ended by itself (${how}); starting it again. Its log: ${spec.logFile}`);
      await sleep(delayMs, undefined, { signal: controller.signal }).catch(() => {});
      if (controller.signal.aborted) return;
      child = launch(spec);
      const up = await isUp(spec, child, controller.signal).catch(() => false);
      if (controller.signal.aborted) return;
      if (!up) await stopChild(spec, child);
      delayMs = up ? 1000 : Math.min(delayMs * 2, 30_000);
    }
  };
  const supervised = supervise();
  return {
    async stop() {
      controller.abort();
      await stopChild(spec, child);
      await supervised;
    },
  };
}

/** Stops what an earlier Posthorn left running, so that this start begins from a clean state. */
export async function stopLeftover(
  spec: Pick<ServiceSpec, 'name' | 'pidFile' | 'stopSteps' | 'log'>,
): Promise<void> {
  const leftover = runningFromPidFile(spec.pidFile);
  if (leftover) {
    spec.log(`Stopping ${spec.name} (process ${leftover.pid}) that an earlier run left behind.`);
    if (!(await stopProcess(leftover, spec.stopSteps))) {
      throw new Error(
        `${spec.name} of an earlier run cannot be stopped: end process ${leftover.pid} yourself.`,
      );
    }
  }
  rmSync(spec.pidFile, { force: true });
}

/** Children to signal when this process ends without having stopped them (process.exit, uncaught error). */
const running = new Map<Child, NodeJS.Signals>();
process.on('exit', () => {
  for (const [child, signal] of running) {
    if (child.ref && isRunning(child.ref)) process.kill(child.ref.pid, signal);
  }
});

function launch(spec: ServiceSpec): Child {
  const logFd = openSync(spec.logFile, 'a');
  // Its own session: Ctrl-C in the terminal reaches only us, and we stop things in the right order.
  const spawned = spawn(spec.command, spec.args, {
    stdio: ['ignore', logFd, logFd],
    detached: true,
    env: spec.env ?? process.env,
  });
  closeSync(logFd);
  let over = false;
  const ended = new Promise<string>((resolve) => {
    spawned.once('error', (error) => resolve(error.message));
    spawned.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  });
  const child: Child = { ref: spawned.pid ? processRef(spawned.pid) : null, ended, hasEnded: () => over };
  running.set(child, spec.stopSteps[0]?.signal ?? 'SIGTERM');
  void ended.then(() => {
    over = true;
    running.delete(child);
  });
  if (child.ref) writePidFile(spec.pidFile, child.ref);
  return child;
}

async function isUp(spec: ServiceSpec, child: Child, stopping: AbortSignal): Promise<boolean> {
  const startedAt = Date.now();
  let nextLineSeconds = 10;
  while (!child.hasEnded() && !stopping.aborted) {
    if (await spec.ready()) return !child.hasEnded();
    const seconds = (Date.now() - startedAt) / 1000;
    if (seconds > spec.startLimitSeconds) return false;
    if (seconds > nextLineSeconds) {
      spec.log(`  … waiting for ${spec.name} to answer (${Math.round(seconds)} s)`);
      nextLineSeconds += 10;
    }
    await sleep(50);
  }
  return false;
}

/** isUp, but an error of ready() (it serves and something is wrong for good) leaves no process behind. */
async function isUpOrStopped(spec: ServiceSpec, child: Child, stopping: AbortSignal): Promise<boolean> {
  try {
    return await isUp(spec, child, stopping);
  } catch (error) {
    await stopChild(spec, child);
    throw error;
  }
}

async function stopChild(spec: ServiceSpec, child: Child): Promise<void> {
  if (child.ref) await stopProcess(child.ref, spec.stopSteps);
  rmSync(spec.pidFile, { force: true });
}

function rotateLog(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) renameSync(file, `${file}.old`);
}

/** The last lines of a log, indented, for an error message. */
function logTail(file: string, lines = 12): string {
  const text = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines);
  return text.map((line) => `    ${line}`).join('\n');
}
