/**
 * A process of the sandbox (src/sandbox/pool.ts): the program that it runs. Tasks are carried out in a thread, one after the
 * other, so that what watches them always answers; and when the thread asks for more memory at once than V8 can refuse
 * in an orderly way, it is this process that ends, and no other.
 */
import process from 'node:process';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Given, Reply } from './sandbox/tasks.ts';

const LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 };
const WATCH_MS = 25;
const THREAD = new URL(`./sandbox-thread${extname(import.meta.url)}`, import.meta.url);

let thread: Worker;
let watch: NodeJS.Timeout | undefined;

const ignore = (): void => {};

/** It says "ready" when it can be given a task. */
function startThread(): void {
  const started = new Worker(THREAD, { resourceLimits: LIMITS, env: {}, stdin: false, execArgv: [] });
  thread = started;
  started.on('message', answer);
  started.on('error', (error: Error & { code?: string }) => {
    if (thread !== started) return;
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
      startAnew(`takes more than ${LIMITS.maxOldGenerationSizeMb} MiB of memory`);
    else answer({ broken: error.message });
  });
}

function startAnew(limit: string): void {
  answer({ limit });
  thread.removeAllListeners('message');
  void thread.terminate();
  startThread();
}

function answer(reply: Reply | 'ready'): void {
  clearInterval(watch);
  watch = undefined;
  process.send!(reply);
}

/** Its time is the thread's own, however long it takes on a machine that is busy. */
function begin({ task, maxCpuMs }: Given): void {
  const own = thread;
  let baseMs: number | null = null;
  clearInterval(watch);
  const watching = setInterval(() => {
    void own.cpuUsage().then(({ user, system }) => {
      const cpuMs = (user + system) / 1_000;
      baseMs ??= cpuMs;
      if (watch === watching && own === thread && cpuMs - baseMs > maxCpuMs)
        startAnew(`takes longer than ${maxCpuMs} ms`);
    }, ignore);
  }, WATCH_MS);
  watch = watching;
  own.postMessage(task);
}

startThread();
process.on('message', begin);
// Ctrl-C reaches the whole group; what asked for this process says when it is to end.
process.on('SIGINT', ignore);
process.on('disconnect', () => process.exit());
