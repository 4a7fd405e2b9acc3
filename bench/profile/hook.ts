/**
 * Loaded into Posthorn before anything else (`node --import`), and by Node into each of its worker threads: profiles
 * the thread it is in between `start` and `stop`. The main thread is told by the benchmark, and tells the others.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';
import {
  constants,
  monitorEventLoopDelay,
  PerformanceObserver,
  type PerformanceEntry,
} from 'node:perf_hooks';
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';
import type { Collections, MainThread, ProfileAnswer, ProfileRequest } from './messages.ts';

const SAMPLE_EVERY_US = 500;
const NS_PER_MS = 1e6;
const KINDS: Record<number, string> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'scavenge',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'mark-sweep',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weak callbacks',
};

/** Node's own types leave `detail` out. */
type GarbageCollection = PerformanceEntry & { detail: { kind: number } };
type ThreadMessage = ProfileRequest | { began: number } | { ended: number };

const channel = new BroadcastChannel('posthorn-profile');
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });

function profileThread({ profile, dir }: ProfileRequest): void {
  if (profile === 'start') return session.post('Profiler.start');
  // In-process sessions answer before post() returns.
  session.post('Profiler.stop', (error, result) => {
    if (error) throw error;
    const name = isMainThread ? 'main' : `workflows-${threadId}`;
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, `${name}.cpuprofile`), JSON.stringify(result.profile));
  });
}

function watchMainThread(): () => MainThread {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const garbage: Record<string, Collections> = {};
  const observer = new PerformanceObserver((list) => {
    for (const { detail, duration } of list.getEntries() as GarbageCollection[]) {
      const kind = KINDS[detail.kind] ?? 'other';
      const so = (garbage[kind] ??= { count: 0, totalMs: 0, maxMs: 0 });
      so.count += 1;
      so.totalMs += duration;
      so.maxMs = Math.max(so.maxMs, duration);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => {
    observer.disconnect();
    delay.disable();
    const ms = (ns: number) => ns / NS_PER_MS;
    const loopDelayMs = { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) };
    return { loopDelayMs, garbage };
  };
}

function listenInMainThread(): void {
  let open = 0;
  let watched: (() => MainThread) | undefined;
  const answerWhenAllEnded = () => {
    if (open > 0 || !watched) return;
    const answer: ProfileAnswer = { profiled: true, mainThread: watched() };
    watched = undefined;
    process.send!(answer);
  };
  channel.onmessage = ({ data }: { data: ThreadMessage }) => {
    if ('began' in data) open += 1;
    if ('ended' in data) open -= 1;
    if ('ended' in data) answerWhenAllEnded();
  };
  process.on('message', (request: ProfileRequest) => {
    if (request.profile === 'start') watched = watchMainThread();
    channel.postMessage(request);
    profileThread(request);
    if (request.profile === 'stop') answerWhenAllEnded();
  });
}

function listenInOtherThread(): void {
  channel.onmessage = ({ data }: { data: ThreadMessage }) => {
    if (!('profile' in data)) return;
    profileThread(data);
    channel.postMessage(data.profile === 'start' ? { began: threadId } : { ended: threadId });
  };
  channel.unref();
}

if (!isMainThread) listenInOtherThread();
else if (process.send) listenInMainThread();
