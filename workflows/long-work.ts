/**
 * The loop of replays and releases: an activity does a stretch of the work and says what comes next. Where it stands is in
 * Postgres, so a stretch that is lost, or made twice, changes nothing; what is here are the times between, the messages,
 * and what people see.
 */
import {
  ApplicationFailure,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Step } from '../activities/stretch.ts';
import { look } from './messages.ts';

/** Where the next run goes on. */
export interface Carried {
  pressure?: number;
  /** Go on in a new run after so many events of history; absent: when the server suggests it. For tests. */
  eventsPerRun?: number;
}

const MIN_WAIT_MS = 1_000;
const MAX_WAIT_MS = 300_000;
const BUSY_MS = 5_000;

export interface LongWork {
  stretch(pressure: number | undefined): Promise<Step>;
  /** Does what was asked for by messages, before each stretch. */
  obey?(): Promise<void>;
  /** Something was. */
  isAsked?(): boolean;
  title: string;
}

/** Returns the last step. `input` is what the workflow was started with: its next run gets the same. */
export async function carryOn<Input extends Carried>(input: Input, work: LongWork): Promise<Step> {
  let woken = false;
  setHandler(look, () => void (woken = true), { description: 'Something has changed: look at once.' });
  const isWoken = () => woken || (work.isAsked?.() ?? false);
  let { pressure } = input;
  let idleMs = MIN_WAIT_MS;
  for (;;) {
    woken = false;
    await work.obey?.();
    const step = await work.stretch(pressure);
    pressure = step.pressure ?? pressure;
    setCurrentDetails(describe(work.title, step));
    if (step.next === 'ended') return step;
    idleMs = step.next === 'idle' ? Math.min(idleMs * 2, MAX_WAIT_MS) : MIN_WAIT_MS;
    if (isLong(input) && !isWoken())
      await continueAsNew<(next: Input) => Promise<unknown>>({ ...input, pressure });
    if (step.next === 'asleep') await condition(isWoken);
    else await condition(isWoken, Math.max(1, step.waitMs ?? waitAfter(step, idleMs)));
  }
}

function waitAfter({ next, state }: Step, idleMs: number): number {
  if (next === 'busy') return BUSY_MS;
  if (next === 'idle') return idleMs;
  return state === 'running' ? 1 : MIN_WAIT_MS / 4;
}

function isLong({ eventsPerRun }: Carried): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return eventsPerRun === undefined ? continueAsNewSuggested : historyLength >= eventsPerRun;
}

function describe(title: string, { state, counts }: Step): string {
  const rows = Object.entries(counts).map(([name, count]) => `| ${name} | ${count} |`);
  const table = rows.length > 0 ? `\n\n| | |\n|---|---|\n${rows.join('\n')}` : '';
  return `${title}: **${state}**${table}`;
}

/** Ids that it cannot do without. Somebody may start it by hand: it fails in words instead of failing its tasks for ever. */
export function checkIds<Name extends string>(raw: unknown, ...names: Name[]): Record<Name, string> {
  const input = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>;
  const missing = names.filter((name) => typeof input[name] !== 'string');
  if (missing.length === 0) return input as Record<Name, string>;
  throw ApplicationFailure.nonRetryable(
    `This workflow cannot be carried out: its input has no "${missing.join('", "')}". The API starts it.`,
    'InvalidInput',
  );
}
