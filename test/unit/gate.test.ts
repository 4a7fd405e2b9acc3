/** The gate: never over a limit, nobody starved, whatever comes and goes in whatever order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGate, GateClosed, type Gate, type Slot } from '../../src/dispatch/gate.ts';

interface Held {
  endpointId: string;
  slot: Slot;
}

/** Granted slots by the order in which they were granted. */
function user(gate: Gate) {
  const held: Held[] = [];
  const granted: string[] = [];
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    held,
    granted,
    settle,
    enter(endpointId: string, limit: number | null = null) {
      void gate.enter(endpointId, limit).then(
        (slot) => {
          held.push({ endpointId, slot });
          granted.push(endpointId);
        },
        () => {},
      );
    },
    leave(index: number, timedOut = false) {
      held.splice(index % held.length, 1)[0]!.slot.leave(timedOut);
    },
  };
}

const endpoint = fc.constantFrom('a', 'b', 'c', 'd');
const step = fc.oneof(
  fc.record({ kind: fc.constant('enter' as const), endpoint }),
  fc.record({ kind: fc.constant('leave' as const), at: fc.nat(), timedOut: fc.boolean() }),
);

describe('the gate', () => {
  it('keeps its limits at every step, and in the end has let everybody in', async () => {
    const settings = fc.record({
      maxInFlight: fc.integer({ min: 1, max: 6 }),
      perEndpoint: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(
        settings,
        fc.array(step, { maxLength: 120 }),
        async ({ maxInFlight, perEndpoint }, steps) => {
          const gate = createGate({ maxInFlight, maxInFlightPerEndpoint: perEndpoint });
          const { held, granted, enter, leave, settle } = user(gate);
          const count = (id: string) => held.filter(({ endpointId }) => endpointId === id).length;
          let entered = 0;
          for (const one of steps) {
            if (one.kind === 'enter') {
              entered += 1;
              enter(one.endpoint);
            } else if (held.length > 0) {
              leave(one.at, one.timedOut);
            }
            await settle();
            expect(held.length).toBeLessThanOrEqual(maxInFlight);
            expect(gate.inFlight()).toBe(held.length);
            for (const id of ['a', 'b', 'c', 'd']) expect(count(id)).toBeLessThanOrEqual(perEndpoint);
            expect(granted.length + gate.waiting()).toBe(entered);
          }
          while (held.length > 0) {
            leave(0);
            await settle();
          }
          expect(granted.length).toBe(entered);
          expect([gate.inFlight(), gate.waiting()]).toEqual([0, 0]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('takes endpoints in turn: a long queue for one does not stand before another', async () => {
    const gate = createGate({ maxInFlight: 2, maxInFlightPerEndpoint: 2 });
    const { granted, enter, leave, held, settle } = user(gate);
    for (let n = 0; n < 100; n += 1) enter('long');
    enter('short');
    while (!granted.includes('short') && held.length > 0) {
      leave(0);
      await settle();
    }
    expect(granted.length).toBeLessThanOrEqual(5);
  });

  it('halves the share of an endpoint at each time-out, and gives one back for each other end', async () => {
    const gate = createGate({ maxInFlight: 100, maxInFlightPerEndpoint: 8 });
    const { held, enter, leave, settle } = user(gate);
    for (let n = 0; n < 200; n += 1) enter('a');
    await settle();
    expect(held.length).toBe(8);
    const endAll = async (timedOut: boolean) => {
      const ending = held.length;
      for (let n = 0; n < ending; n += 1) leave(0, timedOut);
      await settle();
    };
    await endAll(true);
    expect(held.length).toBe(1);
    await endAll(false);
    expect(held.length).toBe(2);
    await endAll(false);
    expect(held.length).toBe(4);
  });

  it('turns away whoever waits when it closes, and leaves the slots that are taken as they are', async () => {
    const gate = createGate({ maxInFlight: 1, maxInFlightPerEndpoint: 1 });
    const slot = await gate.enter('a', null);
    const waiting = gate.enter('a', null);
    gate.close();
    await expect(waiting).rejects.toBeInstanceOf(GateClosed);
    await expect(gate.enter('b', null)).rejects.toBeInstanceOf(GateClosed);
    slot.leave(false);
    slot.leave(false);
    expect(gate.inFlight()).toBe(0);
  });
});
