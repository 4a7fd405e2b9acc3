/** CPU by kind of thread, from Linux's /proc: what runs JavaScript, what runs beside it. */
import { readdirSync, readFileSync } from 'node:fs';
import { parseStat } from '../servers/processes.ts';

/** Thread id → its name and CPU so far. Threads that end in between are missing from the difference. */
export type Threads = Map<number, { name: string; ms: number }>;

export function threadsOf(pid: number): Threads {
  const threads: Threads = new Map();
  for (const entry of readdirSync(`/proc/${pid}/task`)) {
    const id = Number(entry);
    try {
      const stat = parseStat(readFileSync(`/proc/${pid}/task/${id}/stat`, 'latin1'));
      threads.set(id, { name: id === pid ? 'main' : stat.name, ms: stat.ownMs });
    } catch {
      // It has just ended.
    }
  }
  return threads;
}

/** CPU between two looks by kind of thread, the dearest first. Numbers at the end of a name tell twins apart: left out. */
export function cpuByKind(before: Threads, after: Threads): [kind: string, ms: number][] {
  const kinds = new Map<string, number>();
  for (const [id, { name, ms }] of after) {
    const kind = name.replace(/[-_#\s]*\d+$/, '');
    kinds.set(kind, (kinds.get(kind) ?? 0) + ms - (before.get(id)?.ms ?? 0));
  }
  return [...kinds].filter(([, ms]) => ms > 0).sort((a, b) => b[1] - a[1]);
}
