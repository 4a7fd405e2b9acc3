/** The gate: never over a limit, nobody starved, whatever comes and goes in whatever order. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGate, GateClosed, SLOW_PER_QUICK } from '../../src/dispatch/gate.ts';
import { user } from './gate-user.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(0);
/** So long that whatever is under way has become slow. */
const aWhile = () => vi.advanceTimersByTimeAsync(1_500);

const path = fc.constantFrom('a/1', 'a/2', 'a/3', 'b/1', 'b/2', 'c/1');
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('enter' as const), path, behind: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('leave' as const), at: fc.nat(), timedOut: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: 2_500 }) }) },
);

describe('the gate', () => {
  it('keeps its limits at every step, and in the end has let everybody in', async () => {
    const settings = fc.record({
      maxInFlight: fc.integer({ min: 1, max: 8 }),
      maxInFlightPerEndpoint: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(settings, fc.array(step, { maxLength: 150 }), async (limits, steps) => {
        const gate = createGate(limits);
        const { held, granted, enter, leave } = user(gate);
        let entered = 0;
        for (const one of steps) {
          if (one.kind === 'enter') {
            entered += 1;
            enter(one.path, 1, null, one.behind);
          } else if (one.kind === 'leave' && held().length > 0) {
            leave(held()[one.at % held().length]!, one.timedOut);
          }
          await vi.advanceTimersByTimeAsync(one.kind === 'wait' ? one.ms : 0);
          expect(gate.inFlight()).toBe(held().length);
          expect(gate.slow()).toBeLessThanOrEqual(limits.maxInFlight * SLOW_PER_QUICK);
          expect(gate.inFlight() - gate.slow()).toBeLessThanOrEqual(limits.maxInFlight);
          for (const { endpointId } of held())
            expect(held({ endpointId }).length).toBeLessThanOrEqual(limits.maxInFlightPerEndpoint);
          expect(granted.length + gate.waiting()).toBe(entered);
        }
        while (held().length > 0) {
          leave(held()[0]!);
          await settle();
        }
        expect(granted.length).toBe(entered);
        expect([gate.inFlight(), gate.slow(), gate.waiting()]).toEqual([0, 0, 0]);
      }),
      { numRuns: 150 },
    );
  });

  it('lets a tenant in at once that comes when others have hung for however long', async () => {
    const hanging = fc.array(
      fc.record({ tenant: fc.nat({ max: 4 }), endpoint: fc.nat({ max: 200 }), times: fc.nat({ max: 40 }) }),
      { minLength: 50, maxLength: 300 },
    );
    await fc.assert(
      fc.asyncProperty(hanging, fc.nat({ max: 5_000 }), async (crowd, ms) => {
        const gate = createGate({ maxInFlight: 64, maxInFlightPerEndpoint: 8 });
        const { enter, held } = user(gate);
        for (const { tenant, endpoint, times } of crowd) enter(`t${tenant}/${endpoint}`, times);
        await vi.advanceTimersByTimeAsync(ms);
        enter('new/1');
        await settle();
        expect(held({ tenantId: 'new' }).length).toBe(1);
      }),
      { numRuns: 50 },
    );
  });

  it('gives one tenant most of the slots, and several equal parts', async () => {
    const gate = createGate({ maxInFlight: 100, maxInFlightPerEndpoint: 50 });
    const { enter, held, leave } = user(gate);
    for (const endpoint of [1, 2, 3]) enter(`a/${endpoint}`, 100);
    // Not all at once: nobody knows yet whether they answer.
    await vi.advanceTimersByTimeAsync(500);
    expect(held().length).toBeGreaterThan(70);
    for (const tenant of ['b', 'c', 'd']) enter(`${tenant}/1`, 100);
    await settle();
    expect(held().length).toBeGreaterThan(90);
    for (const one of held({ tenantId: 'a' })) leave(one);
    await settle();
    for (const tenantId of ['a', 'b', 'c', 'd']) expect(held({ tenantId }).length).toBeGreaterThan(20);
  });

  it('lets what stands behind begin when nothing else of its tenant waits, and each endpoint in turn', async () => {
    const gate = createGate({ maxInFlight: 5, maxInFlightPerEndpoint: 4 });
    const { enter, leave, held, granted } = user(gate);
    enter('a/1', 4);
    await settle();
    enter('a/1', 3, null, true);
    enter('a/2', 2, null, true);
    enter('a/1', 2);
    enter('a/2', 2);
    granted.length = 0;
    while (granted.length < 9) {
      leave(held()[0]!);
      await settle();
    }
    expect(granted.slice(0, 4).sort()).toEqual(['a/1', 'a/1', 'a/2', 'a/2']);
    expect(granted.slice(4).sort()).toEqual([...Array(3).fill('a/1 behind'), ...Array(2).fill('a/2 behind')]);
    expect(granted.slice(4, 6).sort()).toEqual(['a/1 behind', 'a/2 behind']);
    while (held().length > 0) leave(held()[0]!);
    await settle();
    expect([gate.waiting(), gate.inFlight()]).toEqual([0, 0]);
  });

  it('keeps no timer and no memory of what has left', async () => {
    const gate = createGate({ maxInFlight: 4, maxInFlightPerEndpoint: 4 });
    const { enter, leave, held } = user(gate);
    enter('a/1', 20);
    await aWhile();
    while (held().length > 0) {
      leave(held()[0]!);
      await settle();
    }
    await aWhile();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('tenants', () => {
  it('share freed slots equally, however many endpoints each has', async () => {
    const gate = createGate({ maxInFlight: 40, maxInFlightPerEndpoint: 40 });
    const { enter, leave, held, granted } = user(gate);
    for (let endpoint = 0; endpoint < 100; endpoint += 1) enter(`big/${endpoint}`, 10);
    enter('small/1', 200);
    await settle();
    granted.length = 0;
    while (granted.length < 300) {
      leave(held()[0]!);
      await settle();
    }
    const small = granted.filter((path) => path === 'small/1').length;
    expect(small).toBeGreaterThan(100);
  });

  it('whose exchanges hang keep quick slots for a second, and leave slow ones to others', async () => {
    const gate = createGate({ maxInFlight: 10, maxInFlightPerEndpoint: 100 });
    const { enter, held } = user(gate);
    enter('a/1', 100);
    await settle();
    expect([held().length, gate.slow()]).toEqual([8, 0]);
    await aWhile();
    expect(gate.slow()).toBe(8);
    for (let n = 0; n < 10; n += 1) await aWhile();
    expect(gate.slow()).toBeGreaterThan(15);
    expect(gate.slow()).toBeLessThanOrEqual((10 * SLOW_PER_QUICK) / 2);
    enter('b/1', 100);
    for (let n = 0; n < 10; n += 1) await aWhile();
    expect(gate.slow()).toBeGreaterThan(25);
    expect(held({ tenantId: 'b' }).length).toBeGreaterThan(5);
  });

  it('with more hanging exchanges than slots go on with those that answer', async () => {
    const gate = createGate({ maxInFlight: 20, maxInFlightPerEndpoint: 8 });
    const { enter, leave, held, granted } = user(gate);
    for (let endpoint = 0; endpoint < 30; endpoint += 1) enter(`a/hangs${endpoint}`, 30);
    for (let n = 0; n < 10; n += 1) await aWhile();
    enter('a/answers', 200);
    const isDone = () => granted.filter((path) => path === 'a/answers').length === 200;
    for (let ms = 0; ms < 10_000 && !isDone(); ms += 10) {
      for (const one of held({ endpointId: 'a/answers' })) leave(one);
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(isDone()).toBe(true);
  });
});

describe('endpoints', () => {
  it('of a tenant take turns: a long queue for one does not stand before another', async () => {
    const gate = createGate({ maxInFlight: 2, maxInFlightPerEndpoint: 2 });
    const { granted, enter, leave, held } = user(gate);
    enter('a/long', 100);
    enter('a/short');
    await settle();
    while (!granted.includes('a/short')) {
      leave(held()[0]!);
      await settle();
    }
    expect(granted.length).toBeLessThanOrEqual(5);
  });

  it('have their share halved at each time-out, and win one back with each other end', async () => {
    const gate = createGate({ maxInFlight: 100, maxInFlightPerEndpoint: 8 });
    const { held, enter, leave } = user(gate);
    enter('a/1', 200);
    await settle();
    expect(held().length).toBe(8);
    const endAll = async (timedOut: boolean) => {
      for (const one of held()) leave(one, timedOut);
      await settle();
    };
    await endAll(true);
    expect([held().length, gate.shareOf('a/1')]).toEqual([1, 1]);
    await endAll(false);
    expect(held().length).toBe(2);
    await endAll(false);
    expect(held().length).toBe(4);
  });

  it('keep a halved share while nothing goes to them', async () => {
    const gate = createGate({ maxInFlight: 100, maxInFlightPerEndpoint: 8 });
    const { held, enter, leave } = user(gate);
    enter('a/1', 2);
    await settle();
    for (const one of held()) leave(one, true);
    expect(gate.shareOf('a/1')).toBe(2);
    enter('a/1', 5);
    await settle();
    expect(held().length).toBe(2);
  });
});

describe('closing', () => {
  it('turns away whoever waits, and leaves the slots that are taken as they are', async () => {
    const gate = createGate({ maxInFlight: 1, maxInFlightPerEndpoint: 1 });
    const entrant = { tenantId: 't', endpointId: 'a', limit: null };
    const slot = await gate.enter(entrant);
    const waiting = gate.enter(entrant);
    gate.close();
    await expect(waiting).rejects.toBeInstanceOf(GateClosed);
    await expect(gate.enter({ ...entrant, endpointId: 'b' })).rejects.toBeInstanceOf(GateClosed);
    slot.leave(false);
    slot.leave(false);
    expect([gate.inFlight(), gate.waiting()]).toEqual([0, 0]);
  });
});
