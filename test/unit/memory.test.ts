/** What a process may hold: room for whoever comes, and for an endpoint what it can take soon. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Backlog } from '../../src/dispatch/backlog.ts';
import { MAX_BYTES, MAX_DELIVERIES, Memory, type Cargo } from '../../src/dispatch/memory.ts';
import type { EventRecord } from '../../src/domain.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

let nextEvent = 0;
function eventOf(tenantId: string, bytes = 100): EventRecord {
  const id = `evt_${(nextEvent += 1)}`;
  const timestamp = new Date(0);
  return { id, tenantId, type: 'a.b', environment: 'production', timestamp, data: 'x'.repeat(bytes) };
}

const newMemory = (share = 32) => new Memory({ shareOf: () => share });

/** Takes as much as it gets, and says how much that was. */
function fill(memory: Memory, tenantId: string, endpointId: string, upTo = MAX_DELIVERIES): Cargo[] {
  const taken: Cargo[] = [];
  while (taken.length < upTo) {
    const cargo = { endpointId, event: eventOf(tenantId) };
    if (!memory.reserve(cargo)) break;
    taken.push(cargo);
  }
  return taken;
}

describe('an endpoint', () => {
  it('that takes nothing may have a handful in memory, after a second', () => {
    const memory = newMemory();
    expect(fill(memory, 't', 'hangs').length).toBeLessThanOrEqual(1_024);
    vi.advanceTimersByTime(2_000);
    expect(memory.reserve({ endpointId: 'hangs', event: eventOf('t') })).toBe(false);
    expect(memory.wantedFor('t', 'hangs')).toBe(0);
  });

  it('that has not answered in time before gets little at once', () => {
    expect(fill(newMemory(1), 't', 'hangs').length).toBeLessThanOrEqual(32);
  });

  it('that is fast may have what it takes in three seconds, and is filled up again at half of it', () => {
    const memory = newMemory();
    let held = fill(memory, 't', 'fast', 500);
    for (let ms = 0; ms < 3_000; ms += 10) {
      vi.advanceTimersByTime(10);
      for (const cargo of held.splice(0, 10)) memory.release(cargo);
      held = held.concat(fill(memory, 't', 'fast', 500 - held.length));
    }
    held = held.concat(fill(memory, 't', 'fast'));
    expect(held.length).toBeGreaterThan(2_500);
    expect(held.length).toBeLessThan(3_500);
    expect(memory.wantedFor('t', 'fast')).toBe(0);
    for (const cargo of held.splice(0, 2_500)) memory.release(cargo);
    expect(memory.wantedFor('t', 'fast')).toBeGreaterThan(1_000);
  });
});

describe('a tenant', () => {
  it('with a thousand endpoints that hang leaves room for others', () => {
    const memory = newMemory();
    for (let n = 0; n < 1_000; n += 1) fill(memory, 'greedy', `ep_${n}`, 30);
    expect(memory.deliveries).toBeLessThan(0.8 * MAX_DELIVERIES);
    expect(fill(memory, 'modest', 'ep').length).toBeGreaterThan(500);
  });

  it('with large events leaves room for others', () => {
    const memory = newMemory();
    for (let n = 0; n < 100; n += 1) memory.reserve({ endpointId: 'ep', event: eventOf('greedy', 1 << 20) });
    expect(memory.bytes).toBeLessThan(0.8 * MAX_BYTES);
    expect(memory.reserve({ endpointId: 'ep_2', event: eventOf('modest', 1 << 20) })).toBe(true);
  });
});

it('an event of many deliveries weighs once', () => {
  const memory = newMemory();
  const event = eventOf('t', 1 << 20);
  const cargos = Array.from({ length: 1_000 }, (_, n) => ({ endpointId: `ep_${n}`, event }));
  for (const cargo of cargos) expect(memory.reserve(cargo)).toBe(true);
  expect(memory.bytes).toBeLessThan(3 << 20);
  for (const cargo of cargos) memory.release(cargo);
  expect([memory.deliveries, memory.bytes]).toEqual([0, 0]);
});

it('never holds more than it may, and nothing when all have left', () => {
  const step = fc.record({
    tenant: fc.constantFrom('a', 'b', 'c', 'd'),
    endpoint: fc.nat({ max: 3 }),
    count: fc.integer({ min: 1, max: 3_000 }),
    bytes: fc.constantFrom(10, 1_000, 500_000),
    release: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const memory = newMemory(100);
      const held: Cargo[] = [];
      for (const { tenant, endpoint, count, bytes, release } of steps) {
        if (release) for (const cargo of held.splice(0, count)) memory.release(cargo);
        const event = eventOf(tenant, bytes);
        for (let n = 0; n < count && !release; n += 1) {
          const cargo = { endpointId: `${tenant}${endpoint}`, event: n % 2 ? event : { ...event } };
          if (memory.reserve(cargo)) held.push(cargo);
        }
        expect(memory.deliveries).toBe(held.length);
        expect(memory.deliveries).toBeLessThanOrEqual(MAX_DELIVERIES);
        expect(memory.bytes).toBeLessThanOrEqual(MAX_BYTES);
        const newcomer = { endpointId: 'new', event: eventOf('new') };
        expect(memory.reserve(newcomer)).toBe(true);
        memory.release(newcomer);
      }
      for (const cargo of held) memory.release(cargo);
      expect([memory.deliveries, memory.bytes]).toEqual([0, 0]);
    }),
    { numRuns: 30 },
  );
});

describe('the backlog', () => {
  it('gives one endpoint of each tenant before another of the same, and goes on where it ended', () => {
    const backlog = new Backlog();
    for (const endpointId of ['a1', 'a2', 'a3']) backlog.add({ tenantId: 'a', endpointId });
    backlog.add({ tenantId: 'b', endpointId: 'b1' });
    const next = () => [...backlog.inTurn()].map(({ endpointId }) => endpointId);
    expect(next()).toEqual(['a1', 'b1', 'a2', 'a3']);
    backlog.putLast({ tenantId: 'a', endpointId: 'a1' });
    expect(next()).toEqual(['b1', 'a2', 'a3', 'a1']);
    backlog.delete({ tenantId: 'b', endpointId: 'b1' });
    backlog.delete({ tenantId: 'b', endpointId: 'b1' });
    expect([next(), backlog.size]).toEqual([['a2', 'a3', 'a1'], 3]);
  });
});
