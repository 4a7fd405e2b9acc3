import { parseArgs } from 'node:util';
import type { StackName } from './servers/stack.ts';

/** How much each scenario does. */
export interface Sizes {
  warmUpEvents: number;
  yardstickMs: number;
  ingestMs: number;
  drainEvents: number;
  rateMs: number;
  fanOutEvents: number;
  strictEvents: number;
  failingEvents: number;
  failingRetrySeconds: number;
  hangingEvents: number;
  hangingEndpoints: number;
  hangingEventsEach: number;
  hangingMs: number;
  backlogEvents: number;
  crashEvents: number;
  memoryWarmUpEvents: number;
  memoryEvents: number;
  /** Deliveries in the tables of `grown`. */
  grownRows: number;
}

export const FULL: Sizes = {
  warmUpEvents: 1_000,
  yardstickMs: 3_000,
  ingestMs: 10_000,
  drainEvents: 10_000,
  rateMs: 20_000,
  fanOutEvents: 1_000,
  strictEvents: 10_000,
  failingEvents: 5_000,
  failingRetrySeconds: 10,
  hangingEvents: 1_000,
  hangingEndpoints: 1_000,
  hangingEventsEach: 30,
  hangingMs: 60_000,
  backlogEvents: 20_000,
  crashEvents: 5_000,
  memoryWarmUpEvents: 10_000,
  memoryEvents: 100_000,
  grownRows: 1_000_000,
};

/** Enough to see that everything works; the figures mean little. */
export const QUICK: Sizes = {
  warmUpEvents: 100,
  yardstickMs: 300,
  ingestMs: 1_000,
  drainEvents: 500,
  rateMs: 1_500,
  fanOutEvents: 50,
  strictEvents: 500,
  failingEvents: 250,
  failingRetrySeconds: 2,
  hangingEvents: 100,
  hangingEndpoints: 100,
  hangingEventsEach: 5,
  hangingMs: 3_000,
  backlogEvents: 1_000,
  crashEvents: 500,
  memoryWarmUpEvents: 250,
  memoryEvents: 1_000,
  grownRows: 20_000,
};

export interface Options {
  scenarios: string[];
  stack: StackName;
  repeat: number;
  quick: boolean;
  list: boolean;
  /** Profile Posthorn's threads while a scenario measures. */
  profile: boolean;
  /** Instead of the scenario's own; null: those. */
  rows: number | null;
  /** Posthorn's settings, as environment variables. */
  settings: Record<string, string>;
}

export function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      scenario: { type: 'string', multiple: true, default: [] },
      stack: { type: 'string', default: 'embedded' },
      repeat: { type: 'string', default: '1' },
      set: { type: 'string', multiple: true, default: [] },
      rows: { type: 'string' },
      quick: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
    },
  });
  const { stack, quick, list, profile } = values;
  if (stack !== 'embedded' && stack !== 'server') throw new Error('--stack is "embedded" or "server".');
  const repeat = Number(values.repeat);
  if (!Number.isInteger(repeat) || repeat < 1 || repeat > 100) throw new Error('--repeat is 1 to 100.');
  const rows = values.rows === undefined ? null : Number(values.rows);
  if (rows !== null && (!Number.isInteger(rows) || rows < 1_000 || rows > 1_000_000_000))
    throw new Error('--rows is 1000 to 1000000000.');
  const settings = values.set.map((setting) => {
    const at = setting.indexOf('=');
    if (at < 1) throw new Error(`--set takes NAME=value, such as BURST_SIZE=100; this is "${setting}".`);
    return [setting.slice(0, at), setting.slice(at + 1)];
  });
  return {
    scenarios: [...positionals, ...values.scenario],
    stack,
    repeat,
    quick,
    list,
    profile,
    rows,
    settings: Object.fromEntries(settings) as Record<string, string>,
  };
}
