/** Which workflow a delivery rides in: the ration of workflow starts. */
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCarriers, type Carrier, type Carriers, type Passenger } from '../../src/dispatch/carriers.ts';

const BUDGET = 20;
let started: { carrier: Carrier; atMs: number }[];
let carriers: Carriers;
let nextId: number;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  started = [];
  nextId = 0;
  carriers = create();
});
afterEach(() => void vi.useRealTimers());

function create(
  settings: { burstSize?: number; start?: (carrier: Carrier) => Promise<void> } = {},
): Carriers {
  return createCarriers({
    burstSize: 500,
    startsPerSecond: BUDGET,
    log: pino({ level: 'silent' }),
    start: async (carrier) => void started.push({ carrier, atMs: Date.now() }),
    ...settings,
  });
}

function passenger(endpointId = 'ep_1'): Passenger {
  const deliveryId = `dlv_${++nextId}`;
  return {
    deliveryId,
    tenantId: 't',
    endpointId,
    eventType: 'a.b',
    eventId: 'evt',
    progress: null,
    label: null,
  };
}

function board(kind: 'succeeded' | 'open', endpointId?: string): string {
  const { deliveryId, ...rest } = passenger(endpointId);
  carriers.book({ deliveryId, ...rest }, kind).ready();
  return deliveryId;
}

/** For so long, so many of each kind a second, evenly. */
async function run(seconds: number, perSecond: { succeeded?: number; open?: number }): Promise<void> {
  const ends = Date.now() + seconds * 1000;
  const due = Object.entries(perSecond).map(([kind, rate]) => ({ kind, everyMs: 1000 / rate, at: 0 }));
  for (let ms = 0; Date.now() < ends; ms += 1) {
    for (const one of due) {
      for (; one.at <= ms; one.at += one.everyMs) board(one.kind as 'succeeded' | 'open');
    }
    await vi.advanceTimersByTimeAsync(1);
  }
}

const sizes = (succeeded: boolean) =>
  started
    .filter(({ carrier }) => carrier.succeeded === succeeded)
    .map(({ carrier }) => carrier.passengers.length);

describe('a delivery', () => {
  it('has a workflow of its own, at once and under its own id, while deliveries are slow', async () => {
    await run(5, { succeeded: BUDGET / 4, open: BUDGET / 4 });
    expect(sizes(true).concat(sizes(false))).toEqual(Array(50).fill(1));
    for (const { carrier } of started) expect(carrier.workflowId).toBe(carrier.passengers[0]!.deliveryId);
  });

  it('that has succeeded shares a workflow above the budget, of which few are started then', async () => {
    await run(1, { succeeded: 500 });
    started = [];
    await run(6, { succeeded: 50 });
    expect(started.length).toBeLessThanOrEqual(6);
    expect(sizes(true).reduce((sum, size) => sum + size, 0)).toBeGreaterThan(200);
  });

  it('that has failed has its own however fast others succeed', async () => {
    await run(1, { succeeded: 500 });
    started = [];
    await run(5, { succeeded: 500, open: BUDGET / 2 });
    expect(sizes(false)).toEqual(Array(50).fill(1));
    expect(sizes(true).every((size) => size > 100)).toBe(true);
  });

  it('that has failed shares one, which leaves within half a second, when failures are fast', async () => {
    await run(1, { open: 400 });
    started = [];
    await run(3, { open: 400 });
    expect(started.length).toBeLessThanOrEqual(BUDGET);
    expect(Math.max(...sizes(false))).toBeLessThanOrEqual(500);
    expect(sizes(false).reduce((sum, size) => sum + size, 0)).toBeGreaterThan(800);
  });

  it('never shares a workflow when one may carry one only', async () => {
    carriers = create({ burstSize: 1 });
    await run(1, { succeeded: 300, open: 300 });
    expect(new Set(sizes(true).concat(sizes(false)))).toEqual(new Set([1]));
    expect(started).toHaveLength(600);
  });
});

describe('a set', () => {
  it('is full at the number of deliveries, and of endpoints, that one workflow may carry', async () => {
    await run(1, { succeeded: 2_000 });
    expect(Math.max(...sizes(true))).toBe(500);
    started = [];
    for (let n = 0; n < 100; n += 1) board('succeeded', `ep_${n}`);
    await vi.advanceTimersByTimeAsync(0);
    for (const { carrier } of started)
      expect(new Set(carrier.passengers.map((p) => p.endpointId)).size).toBeLessThanOrEqual(40);
    expect(started.length).toBeGreaterThanOrEqual(2);
  });

  it('waits for the record of each delivery in it, and is started once', async () => {
    await run(1, { succeeded: 500 });
    await carriers.idle();
    started = [];
    const berths = [passenger(), passenger(), passenger()].map((one) => carriers.book(one, 'succeeded'));
    berths[0]!.ready();
    berths[1]!.ready();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(started).toEqual([]);
    berths[2]!.ready();
    berths[2]!.ready();
    await vi.advanceTimersByTimeAsync(10);
    expect(sizes(true)).toEqual([3]);
  });
});

describe('while Temporal is away', () => {
  it('what waits is bounded, successes before others, and one start at a time asks whether it is back', async () => {
    let asking = 0;
    let atMost = 0;
    carriers = create({
      async start() {
        atMost = Math.max(atMost, (asking += 1));
        await new Promise((resolve) => setTimeout(resolve, 9_000));
        asking -= 1;
        throw new Error('away');
      },
    });
    for (let n = 0; n < 1_000; n += 1) board('succeeded');
    await vi.advanceTimersByTimeAsync(12_000);
    atMost = 0;
    for (let n = 0; n < 120_000; n += 1) board('succeeded');
    await vi.advanceTimersByTimeAsync(30_000);
    expect(carriers.waiting()).toBeLessThan(52_000);
    for (let n = 0; n < 120_000; n += 1) board('open');
    await vi.advanceTimersByTimeAsync(30_000);
    expect(carriers.waiting()).toBeLessThan(102_000);
    expect(atMost).toBeLessThanOrEqual(1);
  });

  it('starts are tried again until it is back, none is lost, and each is made once', async () => {
    let away = true;
    carriers = create({
      async start(carrier) {
        if (away) throw new Error('away');
        started.push({ carrier, atMs: Date.now() });
      },
    });
    const ids = Array.from({ length: 10 }, () => board('open'));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(started).toEqual([]);
    expect(carriers.waiting()).toBe(10);
    expect(ids.every((id) => carriers.has(id))).toBe(true);
    away = false;
    await vi.advanceTimersByTimeAsync(5_000);
    const carried = started.flatMap(({ carrier }) => carrier.passengers.map((p) => p.deliveryId));
    expect(carried.sort()).toEqual([...ids].sort());
    expect(carriers.waiting()).toBe(0);
    expect(ids.some((id) => carriers.has(id))).toBe(false);
    await carriers.idle();
  });
});
