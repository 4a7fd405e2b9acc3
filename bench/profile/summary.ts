/** What a .cpuprofile says, in a few lines. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  /** Microseconds between a sample and the one before it. */
  timeDeltas: number[];
}

export interface Share {
  name: string;
  ms: number;
}

export interface ProfileSummary {
  thread: string;
  /** Time in which the thread was not idle. */
  busyMs: number;
  /** Self time by package, by our own file, or by what the engine says: "(garbage collector)". */
  areas: Share[];
  functions: Share[];
}

/** "node:net", a package's name, or the path of one of our own files. */
export function areaOf(url: string, functionName: string): string {
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)';
  if (url.startsWith('node:')) return url;
  const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url);
  if (inPackage) return inPackage[1]!;
  return /\/dist\/(.*)$/.exec(url)?.[1] ?? url;
}

const largest = (times: Map<string, number>): Share[] =>
  [...times].map(([name, us]) => ({ name, ms: us / 1_000 })).sort((a, b) => b.ms - a.ms);

export function summarise(thread: string, { nodes, samples, timeDeltas }: CpuProfile): ProfileSummary {
  const frames = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const areas = new Map<string, number>();
  const functions = new Map<string, number>();
  let busyUs = 0;
  samples.forEach((id, index) => {
    const { functionName, url, lineNumber } = frames.get(id)!;
    if (functionName === '(idle)') return;
    const us = timeDeltas[index]!;
    busyUs += us;
    const area = areaOf(url, functionName);
    areas.set(area, (areas.get(area) ?? 0) + us);
    const name =
      url === '' ? functionName || area : `${functionName || '(anonymous)'} ${area}:${lineNumber + 1}`;
    functions.set(name, (functions.get(name) ?? 0) + us);
  });
  return { thread, busyMs: busyUs / 1_000, areas: largest(areas), functions: largest(functions) };
}

export function summariesIn(dir: string): ProfileSummary[] {
  return readdirSync(dir)
    .filter((file) => file.endsWith('.cpuprofile'))
    .map((file) =>
      summarise(
        basename(file, '.cpuprofile'),
        JSON.parse(readFileSync(join(dir, file), 'utf8')) as CpuProfile,
      ),
    );
}
