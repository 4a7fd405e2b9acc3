/** `--profile`: what Posthorn's threads did while a scenario measured. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PosthornProcess } from '../servers/posthorn.ts';
import type { MainThread, ProfileAnswer, ProfileRequest } from './messages.ts';
import { summariesIn, type ProfileSummary, type Share } from './summary.ts';
import { cpuByKind, threadsOf, type Threads } from './threads.ts';

/** For `node --import`. */
export const HOOK = new URL('./hook.js', import.meta.url).href;
const PROFILES = fileURLToPath(new URL('../../../bench/results/profiles', import.meta.url));
const SHOWN = 18;

export interface Profile {
  process: string;
  dir: string;
  cpuByThread: [kind: string, ms: number][];
  mainThread: MainThread;
  threads: ProfileSummary[];
}

export class Profiler {
  readonly #scenario: string;
  readonly #before = new Map<PosthornProcess, Threads>();

  constructor(scenario: string) {
    this.#scenario = scenario;
  }

  start(processes: PosthornProcess[]): void {
    for (const posthorn of processes) {
      this.#before.set(posthorn, threadsOf(posthorn.pid));
      posthorn.send(request('start', ''));
    }
  }

  /** Of those that were there at the start and still are. */
  async stop(): Promise<Profile[]> {
    const alive = [...this.#before.keys()].filter((posthorn) => posthorn.hasEnded === null);
    return Promise.all(alive.map((posthorn, index) => this.#stopOne(posthorn, index)));
  }

  async #stopOne(posthorn: PosthornProcess, index: number): Promise<Profile> {
    const { role } = posthorn.options;
    const dir = join(PROFILES, `${this.#scenario}-${role}${index || ''}`);
    const cpuByThread = cpuByKind(this.#before.get(posthorn)!, threadsOf(posthorn.pid));
    const { mainThread } = await posthorn.ask<ProfileAnswer>(request('stop', dir));
    const threads = summariesIn(dir).map((summary) => ({
      ...summary,
      areas: summary.areas.slice(0, SHOWN),
      functions: summary.functions.slice(0, SHOWN),
    }));
    return { process: role, dir, cpuByThread, mainThread, threads };
  }
}

const request = (profile: 'start' | 'stop', dir: string): ProfileRequest => ({ profile, dir });

/** A profile in lines for people; ms are per delivery. */
export function profileLines(profile: Profile, deliveries: number): string[] {
  const each = (ms: number) => (ms / Math.max(deliveries, 1)).toFixed(3);
  const { loopDelayMs: delay, garbage } = profile.mainThread;
  return [
    `Posthorn (${profile.process}), CPU ms per delivery by thread: ` +
      profile.cpuByThread.map(([kind, ms]) => `${kind} ${each(ms)}`).join(', '),
    `  main thread: event-loop delay p50 ${delay.p50.toFixed(1)}, p99 ${delay.p99.toFixed(1)}, max ${delay.max.toFixed(1)} ms`,
    ...Object.entries(garbage).map(
      ([kind, { count, totalMs, maxMs }]) =>
        `  ${kind}: ${count} ×, ${Math.round(totalMs)} ms in all, the longest ${maxMs.toFixed(1)} ms`,
    ),
    ...profile.threads.flatMap(({ thread, busyMs, areas, functions }) => [
      `  ${thread}: busy ${Math.round(busyMs)} ms, ${each(busyMs)} per delivery`,
      ...columns(areas, functions, busyMs),
    ]),
    `  Profiles for Chrome's DevTools: ${profile.dir}`,
  ];
}

function columns(areas: Share[], functions: Share[], busyMs: number): string[] {
  const cell = (share: Share | undefined) =>
    share ? `${((100 * share.ms) / busyMs).toFixed(1).padStart(5)} % ${share.name}` : '';
  return Array.from(
    { length: SHOWN },
    (_, row) => `    ${cell(areas[row]).slice(0, 50).padEnd(52)}${cell(functions[row])}`,
  );
}
