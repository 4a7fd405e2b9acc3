/**
 * Threads for workflow code without what the SDK does there for every workflow, and ours do without. Together it is
 * nine tenths of such a thread's time under load:
 *
 * - a stack trace, with source maps, for every promise that workflow code makes; the Web UI's "Call Stack" shows them;
 * - a watchdog thread, started and joined, around each of some twenty calls into the sandbox (0.1 ms of CPU, and up to
 *   1 ms of waiting, each). One look for all of them takes its place: `onStuck`;
 * - interceptors at every access to a global.
 *
 * The SDK has no setting for any of it, so its thread is entered by way of lean-thread.ts. Should a later SDK make its
 * threads differently, they are its own again: slower, and test/integration/workflow-threads.test.ts notices.
 */
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import threads from 'node:worker_threads';

/** What lean-thread.ts is given. */
export interface LeanThreadData {
  /** The file that the SDK's thread runs. */
  sdkThread: string;
  /** One Int32: calls into the sandbox, begun and ended. */
  calls: SharedArrayBuffer;
}

export interface LeanThreadsOptions {
  /** A call into the sandbox has not come back for `stuckAfterMs`: workflow code that loops for ever. */
  onStuck(): void;
  stuckAfterMs?: number;
}

/** Ours take milliseconds; a machine that is short of CPU may take seconds. */
const STUCK_AFTER_MS = 30_000;
const LOOKS = 6;

/** Beside this file: a source in tests, built otherwise. */
const LEAN_THREAD = new URL(`./lean-thread${extname(import.meta.url)}`, import.meta.url);
const require = createRequire(import.meta.url);

const { Worker } = threads;
/** Several may at a time: whoever ends last puts back what was there before the first. */
let creating = 0;

/** Threads that the SDK makes for workflows while `create` runs are lean. */
export async function withLeanThreads<T>(options: LeanThreadsOptions, create: () => Promise<T>): Promise<T> {
  const sdkThread = require.resolve('@temporalio/worker/lib/workflow/workflow-worker-thread');
  class LeanThread extends Worker {
    constructor(file: string | URL, threadOptions?: threads.WorkerOptions) {
      if (file !== sdkThread) {
        super(file, threadOptions);
        return;
      }
      const calls = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
      super(LEAN_THREAD, { ...threadOptions, workerData: { sdkThread, calls } satisfies LeanThreadData });
      watch(this, new Int32Array(calls), options);
    }
  }
  threads.Worker = LeanThread;
  creating += 1;
  try {
    return await create();
  } finally {
    creating -= 1;
    if (creating === 0) threads.Worker = Worker;
  }
}

function watch(thread: threads.Worker, calls: Int32Array, options: LeanThreadsOptions): void {
  const { onStuck, stuckAfterMs = STUCK_AFTER_MS } = options;
  let seen = 0;
  let looks = 0;
  const timer = setInterval(() => {
    const now = Atomics.load(calls, 0);
    const isInside = now % 2 !== 0;
    looks = isInside && now === seen ? looks + 1 : 0;
    seen = now;
    if (looks === LOOKS) onStuck();
  }, stuckAfterMs / LOOKS).unref();
  thread.once('exit', () => clearInterval(timer));
}
