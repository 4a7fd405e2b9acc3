/**
 * Processes for what others have written and we carry out: schemas and templates. A process has its own memory, with a
 * limit, and is ended when a task takes more time than it may: a loop, or a regular expression that never comes to an end,
 * holds up nothing but that process. Threads would not do: V8 ends the whole process when a thread asks for more memory
 * at once than its limit leaves. Tenants take turns (fair-queue.ts), and none has all processes.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createFairQueue } from './fair-queue.ts';
import type { Given, Reply, Task, TaskResults } from './tasks.ts';

export interface Sandbox {
  /**
   * Rejects with TaskLimit where the task is to blame, with TaskError for what it says itself, with SandboxBusy where there
   * is no time for it now.
   */
  run<K extends Task['kind']>(work: Work<K>): Promise<TaskResults[K]>;
  stop(): Promise<void>;
}

export interface Work<K extends Task['kind']> {
  tenant: string;
  /** Within the tenant, these take turns. */
  lane: string;
  task: Extract<Task, { kind: K }>;
  /** Of the processor, however long that takes on a machine that is busy. */
  maxCpuMs: number;
  /** So long it waits for its turn. */
  patienceMs?: number;
  /** Asked when its turn has come: why it is not to be carried out any more. It then rejects with TaskError. */
  refusal?: () => string | null;
}

/** It took more time or memory than a task may. */
export class TaskLimit extends Error {
  override name = 'TaskLimit';
}
/** What was carried out says that it cannot be. For people. */
export class TaskError extends Error {
  override name = 'TaskError';
}
/** Too much waits, or the machine is too busy: nobody's fault, and worth another try. */
export class SandboxBusy extends Error {
  override name = 'SandboxBusy';
}

/** One for whoever is slow, and one for the others. */
export const SANDBOX_PROCESSES = 2;
const MAX_PER_TENANT = SANDBOX_PROCESSES - 1;
const MAX_WAITING_BYTES = 64 << 20;
/** Of a task besides its texts. */
const ENTRY_BYTES = 4_000;
const WATCH_MS = 250;
/** From being handed over to its end, whoever else uses the processor. */
const MAX_RUNNING_MS = 10_000;
const MAX_WAITING_MS = 5_000;
/** A process that has nothing to do costs some 50 MiB of its own. */
const IDLE_MS = 60_000;

const PROGRAM = fileURLToPath(new URL(`../sandbox-process${extname(import.meta.url)}`, import.meta.url));

interface Entry {
  tenant: string;
  task: Task;
  maxCpuMs: number;
  giveUpAtMs: number;
  refusal: () => string | null;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

interface Place {
  child: ChildProcess;
  ready: boolean;
  entry: Entry | null;
  startedMs: number;
  idleTimer: NodeJS.Timeout | undefined;
}

function bytesOf(task: Task): number {
  let bytes = ENTRY_BYTES;
  for (const value of Object.values(task)) if (typeof value === 'string') bytes += value.length;
  return bytes;
}

/** `onProcess`: one was started. */
export function createSandbox(onProcess: () => void = () => {}): Sandbox {
  const queue = createFairQueue<Entry>(MAX_WAITING_BYTES);
  const places = new Set<Place>();
  const running = new Map<string, number>();
  let watch: NodeJS.Timeout | undefined;
  let stopped = false;

  function startProcess(): void {
    const child = fork(PROGRAM, {
      ...{ env: {}, execArgv: [], serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
    });
    child.unref();
    child.channel!.unref();
    const place: Place = { child, ready: false, entry: null, startedMs: 0, idleTimer: undefined };
    places.add(place);
    onProcess();
    child.on('message', (reply: Reply | 'ready') => {
      if (reply === 'ready') {
        place.ready = true;
        rest(place);
      } else finish(place, reply);
      pump();
    });
    child.on('error', (error) => end(place, error));
    // V8 has no other way to say that there is no memory left.
    child.on('exit', (_code, signal) =>
      end(
        place,
        place.entry && ['SIGABRT', 'SIGTRAP', 'SIGILL', 'SIGSEGV'].includes(signal ?? '')
          ? new TaskLimit('takes too much memory')
          : new SandboxBusy('a process ended'),
      ),
    );
  }

  /** The process is no more. */
  function end(place: Place, reason: Error): void {
    if (!places.delete(place)) return;
    clearTimeout(place.idleTimer);
    release(place)?.reject(reason);
    place.child.kill('SIGKILL');
    // It could not begin: nor could the next.
    if (!place.ready) rejectAll(reason);
    pump();
  }

  function rejectAll(reason: Error): void {
    for (let entry = queue.take(() => true); entry; entry = queue.take(() => true)) entry.reject(reason);
  }

  function finish(place: Place, reply: Reply): void {
    if ('limit' in reply) {
      // Its thread is another one then, and says when it can go on.
      place.ready = false;
      return void release(place)?.reject(new TaskLimit(reply.limit));
    }
    if ('broken' in reply) return end(place, new Error(reply.broken));
    const entry = release(place);
    rest(place);
    if ('error' in reply) entry?.reject(new TaskError(reply.error));
    else entry?.resolve(reply.result);
  }

  /** Until there is something to do, or too long. */
  function rest(place: Place): void {
    place.idleTimer = setTimeout(() => end(place, new SandboxBusy('idle')), IDLE_MS).unref();
  }

  function release(place: Place): Entry | null {
    const { entry } = place;
    if (!entry) return null;
    place.entry = null;
    queue.charge(entry.tenant, performance.now() - place.startedMs);
    const left = running.get(entry.tenant)! - 1;
    if (left === 0) running.delete(entry.tenant);
    else running.set(entry.tenant, left);
    return entry;
  }

  function pump(): void {
    if (stopped) return;
    while (queue.size() > 0) {
      const place = [...places].find(({ ready, entry }) => ready && !entry);
      if (!place) break;
      const entry = queue.take((tenant) => (running.get(tenant) ?? 0) < MAX_PER_TENANT);
      if (!entry) return;
      begin(place, entry);
    }
    if (queue.size() > 0 && places.size < SANDBOX_PROCESSES) startProcess();
  }

  function begin(place: Place, entry: Entry): void {
    if (performance.now() > entry.giveUpAtMs) return entry.reject(new SandboxBusy('has waited too long'));
    const refusal = entry.refusal();
    if (refusal !== null) return entry.reject(new TaskError(refusal));
    clearTimeout(place.idleTimer);
    running.set(entry.tenant, (running.get(entry.tenant) ?? 0) + 1);
    Object.assign(place, { entry, startedMs: performance.now() });
    const given: Given = { task: entry.task, maxCpuMs: entry.maxCpuMs };
    // One that cannot be reached any more is about to say that it has ended.
    place.child.send(given, () => {});
    watch ??= setInterval(look, WATCH_MS);
  }

  function look(): void {
    const busy = [...places].filter(({ entry }) => entry !== null);
    if (busy.length === 0 && queue.size() === 0) {
      clearInterval(watch);
      watch = undefined;
    }
    for (const place of busy)
      if (performance.now() - place.startedMs > MAX_RUNNING_MS)
        end(place, new SandboxBusy('the machine is too busy'));
  }

  return {
    run: <K extends Task['kind']>({
      patienceMs = MAX_WAITING_MS,
      refusal = () => null,
      lane,
      ...work
    }: Work<K>) =>
      new Promise<TaskResults[K]>((resolve, reject) => {
        if (stopped) return reject(new SandboxBusy('is being stopped'));
        const giveUpAtMs = performance.now() + patienceMs;
        const entry = { ...work, refusal, giveUpAtMs, resolve, reject } as Entry;
        if (!queue.add(work.tenant, lane, entry, bytesOf(work.task))) {
          return reject(new SandboxBusy('too much is waiting'));
        }
        pump();
      }),
    async stop() {
      stopped = true;
      clearInterval(watch);
      for (const place of places) end(place, new SandboxBusy('is being stopped'));
      rejectAll(new SandboxBusy('is being stopped'));
      await Promise.resolve();
    },
  };
}
