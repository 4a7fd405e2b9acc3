/**
 * The real workflow bundle on the time-skipping test server, with activities that do as activities/types.ts says
 * but reach no endpoint: a test writes down what each attempt meets. Time is one for the whole server, so one test
 * at a time.
 */
import { activityInfo } from '@temporalio/activity';
import type { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import proto from '@temporalio/proto';
import { randomUUID } from 'node:crypto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { LaneActivities } from '../../activities/run-lane.ts';
import {
  toWire,
  type Activities,
  type AttemptInput,
  type AttemptOrder,
  type UnrecordedAttempt,
} from '../../activities/types.ts';
import { finishedAtMs, type AttemptOutcome, type Outcome, type SkippedOutcome } from '../../src/outcome.ts';
import type { RetrySchedule } from '../../src/schedule.ts';
import { attemptsQueue, SEARCH_ATTRIBUTES } from '../../src/temporal/names.ts';
import type { delivery } from '../../workflows/delivery.ts';
import type { DeliveryInput } from '../../workflows/messages.ts';

/** A status code, an outcome in part, or why no exchange took place, or that it goes on beyond the call. */
export type Answer = number | Partial<AttemptOutcome> | SkippedOutcome['kind'] | 'underWay';

export interface Script {
  schedule?: RetrySchedule;
  answer: (order: AttemptOrder) => Answer;
  /** Called once per activity call, before or after its attempts are made; may throw, or take its time. */
  before?: (callNumber: number, input: AttemptInput) => void | Promise<void>;
  after?: (callNumber: number, input: AttemptInput) => void | Promise<void>;
  /** Instead of one delivery to one endpoint. */
  input?: DeliveryInput;
  /** Starts by signalWithStart. */
  signal?: { name: string; deliveryId: string; after?: number };
}

/** Parts of a script in which one delivery's retries go on until `release`, beyond the calls that have others with it. */
export function hanging(id: string) {
  let release = () => {};
  let released = false;
  const over = new Promise<void>((resolve) => {
    release = () => {
      released = true;
      resolve();
    };
  });
  return {
    release: () => release(),
    answer: (order: AttemptOrder): Answer | undefined =>
      order.id === id && order.number > 1 && !released ? 'underWay' : undefined,
    before: (_: number, { first, orders }: AttemptInput) =>
      !first && orders.every((order) => order.id === id) ? over : undefined,
  };
}

/** An attempt that was made, in virtual time. */
export interface Made {
  id: string;
  number: number;
  manual: boolean;
  atMs: number;
  endedAtMs: number;
  /** The machine's own clock: before virtual time was asked for `atMs`, after that, and at `endedAtMs` or before. */
  askedRealMs: number;
  orderedRealMs: number;
  endedRealMs: number;
}

/** A workflow under test and everything its activities were asked to do. */
export interface Flight {
  id: string;
  /** The machine's own clock. */
  startedRealMs: number;
  handle: Awaited<ReturnType<VirtualTime['handleOf']>>;
  made: Made[];
  calls: (AttemptInput & { atMs: number })[];
  recorded: UnrecordedAttempt[];
  cancelled: string[];
  /** How many ended how, also of the lone delivery whose workflow fails with it. */
  end(): Promise<Record<string, number>>;
}

export type VirtualTime = Awaited<ReturnType<typeof startVirtualTime>>;

const { INDEXED_VALUE_TYPE_KEYWORD_LIST, INDEXED_VALUE_TYPE_KEYWORD } =
  proto.temporal.api.enums.v1.IndexedValueType;

export const fixedSchedule = (maxRetries: number, ...delaysSeconds: number[]): RetrySchedule => ({
  delaysSeconds,
  maxRetries,
  jitter: 0,
});

let installed = false;

/** Once per process, which one test file after the other has for itself. */
function installRuntime(): void {
  if (installed) return;
  installed = true;
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
  });
}

/**
 * `address`: of a Temporal server whose clock is the real one, for what the test server does differently: between two
 * runs of a workflow, it loses signals.
 */
export async function startVirtualTime(
  overrides: Partial<Activities & LaneActivities> = {},
  address?: string,
) {
  installRuntime();
  const env = await startServer(address);
  if (address === undefined) await registerSearchAttributes(env);
  const queue = `virtual-${randomUUID()}`;
  const flights = new Map<string, { flight: Flight; script: Script; outcomes: Map<string, Outcome> }>();
  let count = 0;

  const entry = () => flights.get(activityInfo().workflowExecution!.workflowId)!;

  function make(order: AttemptOrder, atMs: number, askedRealMs: number): Outcome {
    const { flight, script, outcomes } = entry();
    if (order.waiting) return { kind: 'waiting' };
    const key = `${order.id} ${order.number}`;
    const known = outcomes.get(key);
    if (known) return known; // as the real activity: an attempt of that number is made once
    const outcome = outcomeOf(script.answer(order), order, atMs, script.schedule ?? fixedSchedule(0, 0));
    if (outcome.kind === 'underWay') return outcome;
    outcomes.set(key, outcome);
    if (outcome.kind === 'attempt') {
      const { id, number, manual = false } = order;
      const virtual = { atMs, endedAtMs: finishedAtMs(outcome) };
      const real = { askedRealMs, orderedRealMs: performance.now(), endedRealMs: askedRealMs };
      flight.made.push({ id, number, manual, ...virtual, ...real });
    }
    return outcome;
  }

  const activities: Activities = {
    async attempt(input) {
      const { flight, script } = entry();
      const askedRealMs = performance.now();
      const atMs = await env.currentTimeMs();
      flight.calls.push({ ...input, atMs });
      const callNumber = flight.calls.length;
      await script.before?.(callNumber, input);
      const outcomes = input.orders.map((order) => make(order, atMs, askedRealMs));
      const last = flight.made.at(-1);
      await script.after?.(callNumber, input);
      if (last) last.endedRealMs = last.askedRealMs + tookMs(last);
      return toWire(outcomes);
    },
    recordAttempts: async ({ attempts }) => void entry().flight.recorded.push(...attempts),
    cancelDeliveries: async ({ ids }) => void entry().flight.cancelled.push(...ids),
    acceptEvent: () => Promise.reject(new Error('not in this test')),
    ...overrides,
  };
  const connection = env.nativeConnection;
  const workflowBundle = { codePath: inject('workflowBundlePath') };
  const workers = await Promise.all([
    Worker.create({ connection, activities, taskQueue: queue, workflowBundle }),
    Worker.create({ connection, activities, taskQueue: attemptsQueue(queue) }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));

  const handleOf = (workflowId: string) => env.client.workflow.getHandle<typeof delivery>(workflowId);

  async function deliver(script: Script): Promise<Flight> {
    const id = `${address === undefined ? '' : queue}d${(count += 1)}`;
    const flight: Flight = {
      id,
      startedRealMs: performance.now(),
      handle: handleOf(id),
      made: [],
      calls: [],
      recorded: [],
      cancelled: [],
      end: () => endOf(handleOf(id)),
    };
    flights.set(id, { flight, script, outcomes: new Map() });
    const options = {
      taskQueue: queue,
      workflowId: id,
      args: [script.input ?? { deliveries: { e1: [id] } }] as [DeliveryInput],
    };
    if (script.signal) {
      const { name, ...message } = script.signal;
      await env.client.workflow.signalWithStart<typeof delivery, [typeof message]>('delivery', {
        ...options,
        signal: name,
        signalArgs: [message],
      });
    } else await env.client.workflow.start<typeof delivery>('delivery', options);
    return flight;
  }

  // The first workflow of a process takes half a second longer than those after it.
  await (await deliver({ answer: () => 200 })).handle.result();
  return {
    env,
    taskQueue: queue,
    handleOf,
    deliver,
    /** How many so far: the ids are d1, d2, … */
    delivered: () => count,
    async stop() {
      for (const worker of workers) worker.shutdown();
      await running;
      await env.teardown();
    },
  };
}

async function endOf(handle: { result(): Promise<Record<string, number>> }): Promise<Record<string, number>> {
  try {
    return await handle.result();
  } catch (error) {
    const failure = (error as WorkflowFailedError).cause as ApplicationFailure;
    if (failure?.type === 'DeliveryFailed') return { failed: 1 };
    throw error;
  }
}

/** The SDK gives the server five seconds, which a machine that does much else may not have. */
async function startServer(address?: string, tries = 6): Promise<TestWorkflowEnvironment> {
  if (address !== undefined) return TestWorkflowEnvironment.createFromExistingServer({ address });
  const server = { executable: { type: 'existing-path', path: inject('testServerPath') } } as const;
  try {
    return await TestWorkflowEnvironment.createTimeSkipping({ server });
  } catch (error) {
    if (tries === 1) throw error;
    return startServer(address, tries - 1);
  }
}

function outcomeOf(answer: Answer, order: AttemptOrder, atMs: number, schedule: RetrySchedule): Outcome {
  if (typeof answer === 'string') return { kind: answer };
  const said = typeof answer === 'number' ? { statusCode: answer } : answer;
  const { statusCode = 500 } = said;
  const succeeded = statusCode !== null && statusCode >= 200 && statusCode < 300;
  return {
    kind: 'attempt',
    number: order.number,
    trigger: order.manual ? 'manual' : 'schedule',
    succeeded,
    startedAtMs: atMs,
    durationMs: 0,
    statusCode,
    errorClass: succeeded ? null : 'http',
    errorMessage: null,
    excerpt: '',
    retryAfterSeconds: null,
    gone: statusCode === 410,
    recorded: true,
    schedule,
    ...said,
  };
}

/** An attempt may say that it took longer than it did, and the call may take longer than its attempt. */
const tookMs = ({ atMs, endedAtMs, orderedRealMs }: Made): number =>
  Math.min(endedAtMs - atMs, performance.now() - orderedRealMs);

async function registerSearchAttributes({ connection }: TestWorkflowEnvironment): Promise<void> {
  const types = Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [
    name,
    type === 'Keyword' ? INDEXED_VALUE_TYPE_KEYWORD : INDEXED_VALUE_TYPE_KEYWORD_LIST,
  ]);
  const searchAttributes = Object.fromEntries(types) as Record<string, typeof INDEXED_VALUE_TYPE_KEYWORD>;
  await connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes });
}
