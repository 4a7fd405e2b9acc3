import type { WaitingEndpoint } from '../store/waiting-endpoints.ts';

/** Endpoints of which something waits in the table, and nothing should be fetched before a time that is known. */
export interface Resting {
  /** False: there are too many; it is found again by looking. */
  add(endpoint: WaitingEndpoint, untilMs: number): boolean;
  has(endpointId: string): boolean;
  /** It need not rest any longer. */
  wake(endpointId: string): void;
  wakeAll(): void;
  size(): number;
}

/** A rest may be for hours; whoever looks meanwhile finds that it is still too early. */
const MAX_REST_MS = 15 * 60_000;

export function createResting(maxEndpoints: number, onAwake: (endpoint: WaitingEndpoint) => void): Resting {
  const resting = new Map<string, { endpoint: WaitingEndpoint; timer: NodeJS.Timeout }>();

  function wake(endpointId: string): void {
    const one = resting.get(endpointId);
    if (!one) return;
    clearTimeout(one.timer);
    resting.delete(endpointId);
    onAwake(one.endpoint);
  }

  return {
    add(endpoint, untilMs) {
      const { endpointId } = endpoint;
      if (resting.has(endpointId)) return true;
      if (resting.size >= maxEndpoints) return false;
      const restMs = Math.min(MAX_REST_MS, Math.max(1, untilMs - Date.now()));
      resting.set(endpointId, { endpoint, timer: setTimeout(wake, restMs, endpointId).unref() });
      return true;
    },
    has: (endpointId) => resting.has(endpointId),
    wake,
    wakeAll() {
      for (const endpointId of [...resting.keys()]) wake(endpointId);
    },
    size: () => resting.size,
  };
}
