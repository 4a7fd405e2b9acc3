/**
 * How many exchanges may be under way: in this process, and to each endpoint. What does not fit waits here, and
 * freed slots go round the endpoints in turn, so that a long queue for one never stands before another's.
 *
 * An endpoint's own share follows how it behaves: every time-out halves it, every quick answer wins one back.
 * A hanging endpoint thus keeps few sockets and little memory busy for nothing.
 */
export interface GateOptions {
  maxInFlight: number;
  maxInFlightPerEndpoint: number;
}

export interface Gate {
  /** Resolves with the slot once there is one. `limit`: the endpoint's own setting, if it has one. */
  enter(endpointId: string, limit: number | null): Promise<Slot>;
  inFlight(): number;
  waiting(): number;
  /** Whoever waits, or comes later, is turned away with GateClosed. Slots taken stay valid. */
  close(): void;
  waitingFor(endpointId: string): number;
}

export interface Slot {
  /** Gives the slot back; `timedOut` tells how the endpoint behaved. */
  leave(timedOut: boolean): void;
}

export class GateClosed extends Error {
  override name = 'GateClosed';
}

interface Waiter {
  grant(slot: Slot): void;
  refuse(error: GateClosed): void;
}

interface Lane {
  active: number;
  share: number;
  limit: number;
  queue: Waiter[];
  head: number;
  queuedForTurn: boolean;
}

/** Lanes that remember a reduced share are kept until there are this many. */
const MAX_IDLE_LANES = 10_000;

export function createGate({ maxInFlight, maxInFlightPerEndpoint }: GateOptions): Gate {
  const lanes = new Map<string, Lane>();
  /** Lanes with someone waiting and room for one more, in turn. */
  let turns: { id: string; lane: Lane }[] = [];
  let inFlight = 0;
  let waiting = 0;
  let closed = false;

  function laneOf(id: string, limit: number): Lane {
    let lane = lanes.get(id);
    if (!lane) {
      if (lanes.size >= MAX_IDLE_LANES) dropIdleLanes();
      lane = { active: 0, share: limit, limit, queue: [], head: 0, queuedForTurn: false };
      lanes.set(id, lane);
    } else if (lane.limit !== limit) {
      lane.share = limit;
      lane.limit = limit;
    }
    return lane;
  }

  function dropIdleLanes(): void {
    for (const [id, lane] of lanes) if (lane.active === 0 && waitingIn(lane) === 0) lanes.delete(id);
  }

  const waitingIn = (lane: Lane) => lane.queue.length - lane.head;

  function requestTurn(id: string, lane: Lane): void {
    if (lane.queuedForTurn || waitingIn(lane) === 0 || lane.active >= lane.share) return;
    lane.queuedForTurn = true;
    turns.push({ id, lane });
  }

  function shift(lane: Lane): Waiter {
    const waiter = lane.queue[lane.head]!;
    lane.head += 1;
    if (lane.head > 1_000 && lane.head * 2 > lane.queue.length) {
      lane.queue = lane.queue.slice(lane.head);
      lane.head = 0;
    }
    return waiter;
  }

  function pump(): void {
    let next = 0;
    while (inFlight < maxInFlight && next < turns.length) {
      const { id, lane } = turns[next]!;
      next += 1;
      lane.queuedForTurn = false;
      if (waitingIn(lane) === 0 || lane.active >= lane.share) continue;
      const waiter = shift(lane);
      waiting -= 1;
      waiter.grant(take(id, lane));
      requestTurn(id, lane);
    }
    turns = turns.slice(next);
  }

  function take(id: string, lane: Lane): Slot {
    lane.active += 1;
    inFlight += 1;
    let left = false;
    return {
      leave(timedOut) {
        if (left) return;
        left = true;
        lane.active -= 1;
        inFlight -= 1;
        lane.share = timedOut
          ? Math.max(1, Math.floor(lane.share / 2))
          : Math.min(lane.limit, lane.share + 1);
        requestTurn(id, lane);
        pump();
        if (lane.active === 0 && waitingIn(lane) === 0 && lane.share === lane.limit) lanes.delete(id);
      },
    };
  }

  return {
    enter(endpointId, ownLimit) {
      if (closed) return Promise.reject(new GateClosed('this process is stopping'));
      const lane = laneOf(endpointId, ownLimit ?? maxInFlightPerEndpoint);
      if (inFlight < maxInFlight && turns.length === 0 && lane.active < lane.share && waitingIn(lane) === 0) {
        return Promise.resolve(take(endpointId, lane));
      }
      return new Promise((grant, refuse) => {
        lane.queue.push({ grant, refuse });
        waiting += 1;
        requestTurn(endpointId, lane);
        pump();
      });
    },
    inFlight: () => inFlight,
    waiting: () => waiting,
    close() {
      closed = true;
      for (const lane of lanes.values()) {
        for (const waiter of lane.queue.splice(lane.head))
          waiter.refuse(new GateClosed('this process is stopping'));
      }
      waiting = 0;
    },
    waitingFor(endpointId) {
      const lane = lanes.get(endpointId);
      return lane ? waitingIn(lane) : 0;
    },
  };
}
