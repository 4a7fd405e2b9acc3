/** Whoever goes in and out at the gate. Under fake timers. */
import type { Gate, Slot } from '../../src/dispatch/gate.ts';

export interface Held {
  tenantId: string;
  endpointId: string;
  slot: Slot;
}

/** Goes in and out, and keeps the slots in the order in which they were granted. */
export function user(gate: Gate) {
  let held: Held[] = [];
  const granted: string[] = [];
  return {
    granted,
    held: (of?: Partial<Held>) =>
      held.filter(
        (one) =>
          (of?.tenantId ?? one.tenantId) === one.tenantId &&
          (of?.endpointId ?? one.endpointId) === one.endpointId,
      ),
    /** `path`: tenant/endpoint. */
    enter(path: string, times = 1, limit: number | null = null, behind = false) {
      const [tenantId] = path.split('/') as [string];
      for (let n = 0; n < times; n += 1) {
        void gate.enter({ tenantId, endpointId: path, limit, behind }).then(
          (slot) => {
            held.push({ tenantId, endpointId: path, slot });
            granted.push(behind ? `${path} behind` : path);
          },
          () => {},
        );
      }
    },
    leave(one: Held, timedOut = false) {
      held = held.filter((other) => other !== one);
      one.slot.leave(timedOut);
    },
  };
}
