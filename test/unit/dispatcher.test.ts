/** What this process holds, from the moment it plans a delivery. */
import pino from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Attempts } from '../../src/dispatch/attempts.ts';
import type { Carriers } from '../../src/dispatch/carriers.ts';
import { createDispatcher, type Dispatcher } from '../../src/dispatch/dispatcher.ts';
import type { Gate } from '../../src/dispatch/gate.ts';
import type { Rates } from '../../src/dispatch/rates.ts';
import type { Job } from '../../src/dispatch/job.ts';
import type { AttemptRequest } from '../../src/dispatch/make-attempt.ts';
import type { EndpointCache } from '../../src/store/endpoint-cache.ts';
import type { Outcome } from '../../src/outcome.ts';

const event = { id: 'evt', tenantId: 't', type: 'a.b', data: '{}' };
const job = {
  ...{ deliveryId: 'dlv', endpointId: 'ep', event, number: 1, trigger: 'schedule', scheduledCount: 0 },
  ...{ status: 'pending', nextAttemptAtMs: null },
} as unknown as Job;

let dispatcher: Dispatcher;
let booked: string[];
let putBack: string[];
let begun: string[];
let ready: number;
/** What an attempt comes to; `joined`: it was made before, and nobody chooses a workflow for it. */
let outcome: Outcome;
let joined: boolean;

beforeEach(() => {
  booked = [];
  putBack = [];
  begun = [];
  ready = 0;
  joined = false;
  const attempts: Pick<Attempts, 'run' | 'has' | 'forget' | 'cancel'> = {
    run({ job: { deliveryId }, chooseWorkflow }: AttemptRequest) {
      begun.push(deliveryId);
      if (!joined && outcome.kind === 'attempt') chooseWorkflow(outcome, outcome.succeeded, null as never);
      return Promise.resolve(outcome);
    },
    has: () => false,
    forget: () => {},
    cancel: () => {},
  };
  const carriers: Pick<Carriers, 'book' | 'has'> = {
    book(passenger, kind) {
      booked.push(`${passenger.deliveryId} ${kind}`);
      return { workflowId: 'w', ready: () => void (ready += 1) };
    },
    has: () => false,
  };
  dispatcher = createDispatcher({
    mode: 'fast',
    attempts: attempts as Attempts,
    carriers: carriers as Carriers,
    gate: { shareOf: () => 32, activeOf: () => 0 } as unknown as Gate,
    rates: { roomOf: () => Infinity } as unknown as Rates,
    putBack: ({ deliveryId }) => {
      // It may be claimed again the moment it lies in the table.
      expect(dispatcher.holds(deliveryId)).toBe(false);
      putBack.push(deliveryId);
    },
    endpoints: { peek: () => null } as unknown as EndpointCache,
    db: { query: () => Promise.reject(new Error('not in this test')) },
    onRoom: () => {},
    log: pino({ level: 'silent' }),
  });
});

const attempt = (succeeded: boolean, recorded: boolean) =>
  ({ kind: 'attempt', number: 1, succeeded, recorded }) as Outcome;

describe('a delivery', () => {
  it('is held from the moment it is planned: it may be committed long before that is known here', async () => {
    expect(dispatcher.reserve(job, 'schedule')).toBe(true);
    expect(dispatcher.holds('dlv')).toBe(true);
    dispatcher.giveBack(job);
    expect(dispatcher.holds('dlv')).toBe(false);

    outcome = attempt(true, true);
    dispatcher.reserve(job, 'schedule');
    dispatcher.dispatch([job]);
    expect(dispatcher.holds('dlv')).toBe(true);
    await vi.waitFor(() => expect(dispatcher.holds('dlv')).toBe(false));
    expect(dispatcher.inMemory()).toEqual({ deliveries: 0, bytes: 0 });
  });

  it.each([
    ['succeeded', true],
    ['open', false],
  ])('whose attempt (%s) was made before and is in no log gets a carrier again', async (kind, succeeded) => {
    joined = true;
    outcome = attempt(succeeded, false);
    dispatcher.take([job]);
    await vi.waitFor(() => expect(dispatcher.holds('dlv')).toBe(false));
    expect([booked, ready]).toEqual([[`dlv ${kind}`], 1]);
  });

  it('is booked once where its attempt is made now', async () => {
    outcome = attempt(false, false);
    dispatcher.take([job]);
    await vi.waitFor(() => expect(dispatcher.holds('dlv')).toBe(false));
    expect([booked, ready]).toEqual([['dlv open'], 1]);
  });

  it('is put back when it is not due, once it is not held any more', async () => {
    outcome = { kind: 'deferred', untilMs: 5 };
    dispatcher.take([job]);
    await vi.waitFor(() => expect(putBack).toEqual(['dlv']));
    expect(booked).toEqual([]);
  });
});

it('what is claimed is attempted in its order, also where more is claimed before all of it is begun', async () => {
  outcome = attempt(true, true);
  const claim = (from: number) =>
    Array.from({ length: 120 }, (_, n) => ({ ...job, deliveryId: `dlv_${1_000 + from + n}` }));
  dispatcher.take(claim(0));
  dispatcher.take(claim(120));
  expect(dispatcher.reserve(job, 'schedule')).toBe(true);
  dispatcher.dispatch([job]);
  // What has just been published waits for nothing of that.
  expect(begun.at(-1)).toBe('dlv');
  await vi.waitFor(() => expect(begun).toHaveLength(241));
  const claimed = begun.filter((id) => id !== 'dlv');
  expect(claimed).toEqual(claimed.toSorted());
});

const claimOf = (tenantId: string, endpointId: string, count: number): Job[] =>
  Array.from({ length: count }, (_, n) => ({
    ...job,
    ...{ deliveryId: `dlv_${endpointId}_${1_000 + n}`, endpointId, event: { ...event, tenantId } },
  })) as unknown as Job[];

it('a claim waits neither behind the crowd of another tenant nor behind that of another endpoint', async () => {
  outcome = attempt(true, true);
  dispatcher.take(claimOf('greedy', 'ep1', 1_000));
  dispatcher.take(claimOf('greedy', 'ep2', 1));
  dispatcher.take(claimOf('modest', 'ep3', 1));
  await vi.waitFor(() => expect(begun).toHaveLength(1_002));
  // What was launched at once, and a turn of each.
  expect(begun.findIndex((id) => id.startsWith('dlv_ep3'))).toBeLessThan(54);
  expect(begun.findIndex((id) => id.startsWith('dlv_ep2'))).toBeLessThan(54);
});

it('what is cancelled before its turn is not attempted, and not held any more', async () => {
  outcome = attempt(true, true);
  const claimed = claimOf('t', 'ep', 200);
  dispatcher.take(claimed);
  const { deliveryId } = claimed[150]!;
  dispatcher.cancel(deliveryId);
  await vi.waitFor(() => expect(begun).toHaveLength(199));
  expect(begun).not.toContain(deliveryId);
  await vi.waitFor(() => expect(dispatcher.inMemory()).toEqual({ deliveries: 0, bytes: 0 }));
  expect(dispatcher.holds(deliveryId)).toBe(false);
  // The mark went with it: what is claimed again is made.
  dispatcher.take([claimed[150]!]);
  expect(begun.at(-1)).toBe(deliveryId);
});

it('what is cancelled between its commit and the word of it is not attempted', () => {
  expect(dispatcher.reserve(job, 'schedule')).toBe(true);
  dispatcher.cancel('dlv');
  dispatcher.dispatch([job]);
  expect(begun).toEqual([]);
  expect(dispatcher.inMemory()).toEqual({ deliveries: 0, bytes: 0 });
});
