/** Results for people (a markdown table) and for keeping (JSON). */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Circumstances } from './machine.ts';
import type { Outcome } from './measure.ts';
import type { Options, Sizes } from './options.ts';
import { rounded } from './statistics.ts';

/** The load generator driving the sink directly, just before the run. */
export interface Yardstick {
  requestsPerSecond: number;
  p50Ms: number | null;
  p95Ms: number | null;
  loadCpuMsPerRequest: number;
  sinkCpuMsPerRequest: number;
}

export interface Result {
  scenario: string;
  about: string;
  run: number;
  yardstick: Yardstick;
  peakMib: number;
  /** Of the machine's CPU during the run, what other programs used or the host kept: 0 … 1. */
  othersShare: number;
  warnings: Record<string, number>;
  /** Absent when the scenario failed. */
  outcome?: Outcome;
  error?: string;
}

export interface Report extends Circumstances {
  startedAt: string;
  stack: string;
  quick: boolean;
  settings: Options['settings'];
  sizes: Sizes;
  results: Result[];
}

/** CPU ms per delivery by process; `server` is the first three. */
export function cpuPerDelivery({ usageMs, deliveries }: Outcome): Record<string, number> {
  const per = (ms: number) => rounded(ms / Math.max(deliveries, 1));
  const { posthorn, temporal, postgres, load, sink } = usageMs;
  return {
    server: per(posthorn + temporal + postgres),
    posthorn: per(posthorn),
    temporal: per(temporal),
    postgres: per(postgres),
    load: per(load),
    sink: per(sink),
  };
}

const HEAD = [
  'scenario',
  'result',
  'lost',
  'dupl.',
  'CPU ms/delivery',
  'Posthorn',
  'Temporal',
  'Postgres',
  'load',
  'sink',
  'peak MiB',
  'yardstick/s',
  'others %',
];

export function tableRow({ scenario, outcome, error, peakMib, yardstick, othersShare }: Result): string {
  const line = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
  if (!outcome)
    return line([scenario, `failed: ${error?.split('\n')[0]}`, ...Array<string>(HEAD.length - 2).fill('')]);
  const stuck = outcome.unrecorded > 0 ? `; **${outcome.unrecorded} never recorded**` : '';
  const cpu = Object.values(cpuPerDelivery(outcome)).map((ms) => ms.toFixed(2));
  const counts = [outcome.lost, outcome.duplicates];
  const rest = [Math.round(peakMib), yardstick.requestsPerSecond, Math.round(othersShare * 100)];
  return line([scenario, outcome.headline + stuck, ...counts, ...cpu, ...rest]);
}

export function table({ machine, versions, stack, quick, settings, results }: Report): string {
  const changed = Object.entries(settings).map(([name, value]) => `, ${name}=${value}`);
  const { cores, cpu, memoryGib } = machine;
  return [
    `Stack ${stack}${quick ? ', quick (figures mean little)' : ''}${changed.join('')}. ${cores} cores (${cpu}), ${memoryGib} GiB; ` +
      `Posthorn ${versions.posthorn}, Node ${versions.node}, Postgres ${versions.postgres}, Temporal ${versions.temporal}.`,
    '',
    `| ${HEAD.join(' | ')} |`,
    `| ${HEAD.map((_, index) => (index < 2 ? '---' : '--:')).join(' | ')} |`,
    ...results.map(tableRow),
  ].join('\n');
}

const RESULTS = fileURLToPath(new URL('../../bench/results', import.meta.url));

/** Returns the file's path. */
export function writeReport(report: Report): string {
  mkdirSync(RESULTS, { recursive: true });
  const name = `${report.startedAt.slice(0, 10)}-${report.stack}${report.quick ? '-quick' : ''}`;
  let file = join(RESULTS, `${name}.json`);
  for (let number = 2; existsSync(file); number += 1) file = join(RESULTS, `${name}-${number}.json`);
  const results = report.results.map((result) =>
    result.outcome ? { ...result, cpuMsPerDelivery: cpuPerDelivery(result.outcome) } : result,
  );
  writeFileSync(file, `${JSON.stringify({ ...report, results }, null, 2)}\n`);
  return file;
}
