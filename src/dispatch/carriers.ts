import type { Logger } from 'pino';
import { newId } from '../ids.ts';
import { createRate } from './rate.ts';

/** A delivery on its way to the workflow that will carry it. Ids only. */
export interface Passenger {
  deliveryId: string;
  tenantId: string;
  endpointId: string;
  eventType: string;
  eventId: string;
  /** Set when attempts were made under an earlier workflow. */
  progress: Progress | null;
}

/** Where a delivery stands when a workflow takes it over. */
export interface Progress {
  attempts: number;
  scheduled: number;
  /** Next attempt due then (Unix ms); null: at once. */
  dueAtMs: number | null;
  /** It had ended; only a manual attempt is wanted. */
  ended?: boolean;
}

/** What one workflow start carries. */
export interface Carrier {
  workflowId: string;
  passengers: Passenger[];
  /** All of them succeeded ahead: known at the start, so the workflow need not say so at its end. */
  succeeded: boolean;
}

export interface Berth {
  workflowId: string;
  /** The attempt is recorded: the workflow may start. */
  ready(): void;
}

export interface Carriers {
  /** `kind` keeps what is over and done apart from what will be retried. */
  book(passenger: Passenger, kind: Kind): Berth;
  /** Started, and nothing waits. */
  idle(): Promise<void>;
  waiting(): number;
  /** Whether a delivery waits here for its workflow to be started. */
  has(deliveryId: string): boolean;
}

export interface CarriersDeps {
  start(carrier: Carrier): Promise<void>;
  burstSize: number;
  startsPerSecond: number;
  log: Logger;
}

interface Open extends Carrier {
  ready: number;
  closed: boolean;
  endpoints: Set<string>;
  timer: NodeJS.Timeout | undefined;
}

/** Search attributes hold 2 KB each: that many endpoint ids fit. */
const MAX_ENDPOINTS_PER_SET = 40;
/** How long a set stays open: what has succeeded is in no hurry for its workflow, what failed is looked for. */
const MAX_WINDOW_MS = { succeeded: 1_500, open: 500 };
const MAX_STARTS_IN_FLIGHT = 3;
/** Where each delivery has a workflow of its own, the starts are the throughput. */
const MAX_LONE_STARTS_IN_FLIGHT = 32;
const RETRY_START_MS = 1_000;
const COMPLAIN_EVERY_MS = 60_000;
/** With Temporal away for long, what is beyond this is left to the sweep. */
const MAX_WAITING_PASSENGERS = 100_000;

type Kind = 'succeeded' | 'open';

/**
 * Workflow starts are the dear part of a delivery (10–20 ms of CPU over all processes), so they are rationed.
 * While deliveries come slower than `startsPerSecond`, each gets a workflow of its own, at once. When they come faster,
 * what has succeeded rides together. What has not still gets one of its own, unless that, too, comes faster; then it
 * shares a set which stays open the longer the busier it is.
 */
export function createCarriers(deps: CarriersDeps): Carriers {
  const { burstSize, startsPerSecond, log } = deps;
  const open = new Map<Kind, Open>();
  const queue: Open[] = [];
  const aboard = new Set<string>();
  let waitingPassengers = 0;
  let startsInFlight = 0;
  let pausedUntilMs = 0;
  const idleWaiters: (() => void)[] = [];
  const maxStarts = burstSize === 1 ? MAX_LONE_STARTS_IN_FLIGHT : MAX_STARTS_IN_FLIGHT;
  /** Of all deliveries, and of those that have not succeeded. */
  const rates = { succeeded: createRate(), open: createRate() };

  function ridesAlone(kind: Kind): boolean {
    if (burstSize === 1) return true;
    // What waits for its start already is a second's budget at most, or Temporal is slow, or away.
    const queueLimit = kind === 'open' ? startsPerSecond : 1;
    return !open.has(kind) && queue.length < queueLimit && rates[kind].perSecond() <= startsPerSecond;
  }

  function windowMs(kind: Kind): number {
    if (kind === 'succeeded') return MAX_WINDOW_MS.succeeded;
    return Math.min(MAX_WINDOW_MS.open, (25 * rates.open.perSecond()) / startsPerSecond);
  }

  function openCarrier(kind: Kind, workflowId: string): Open {
    const set = new Set<string>();
    return {
      workflowId,
      passengers: [],
      succeeded: kind === 'succeeded',
      ready: 0,
      closed: false,
      endpoints: set,
      timer: undefined,
    };
  }

  function close(kind: Kind, carrier: Open): void {
    clearTimeout(carrier.timer);
    carrier.closed = true;
    if (open.get(kind) === carrier) open.delete(kind);
    enqueueWhenReady(carrier);
  }

  function enqueueWhenReady(carrier: Open): void {
    if (!carrier.closed || carrier.ready < carrier.passengers.length) return;
    queue.push(carrier);
    pump();
  }

  function pump(): void {
    while (startsInFlight < maxStarts && queue.length > 0 && Date.now() >= pausedUntilMs) {
      startsInFlight += 1;
      void start(queue.shift()!);
    }
    if (startsInFlight === 0 && queue.length === 0 && waitingPassengers === 0) {
      for (const wake of idleWaiters.splice(0)) wake();
    }
  }

  async function start(carrier: Open): Promise<void> {
    try {
      await deps.start(carrier);
      done(carrier);
    } catch (error) {
      if (waitingPassengers > MAX_WAITING_PASSENGERS) {
        log.warn({ deliveries: carrier.passengers.length }, 'Temporal is away: these are left to the sweep');
        done(carrier);
      } else {
        if (Date.now() >= pausedUntilMs) complain(error);
        queue.unshift(carrier);
        pausedUntilMs = Date.now() + RETRY_START_MS;
        setTimeout(pump, RETRY_START_MS + 5).unref();
      }
    } finally {
      startsInFlight -= 1;
      pump();
    }
  }

  /** Temporal may be away for long: once a minute is enough. */
  let complainedAtMs = -Infinity;
  function complain(error: unknown): void {
    if (performance.now() - complainedAtMs < COMPLAIN_EVERY_MS) return;
    complainedAtMs = performance.now();
    log.warn({ err: (error as Error).message }, 'delivery workflows cannot be started; trying on');
  }

  function done(carrier: Open): void {
    waitingPassengers -= carrier.passengers.length;
    for (const { deliveryId } of carrier.passengers) aboard.delete(deliveryId);
  }

  function board(carrier: Open, passenger: Passenger): Berth {
    carrier.passengers.push(passenger);
    aboard.add(passenger.deliveryId);
    carrier.endpoints.add(passenger.endpointId);
    waitingPassengers += 1;
    let isReady = false;
    return {
      workflowId: carrier.workflowId,
      ready() {
        if (isReady) return;
        isReady = true;
        carrier.ready += 1;
        enqueueWhenReady(carrier);
      },
    };
  }

  return {
    book(passenger, kind) {
      rates.succeeded.count();
      if (kind === 'open') rates.open.count();
      if (ridesAlone(kind)) {
        const alone = openCarrier(kind, passenger.deliveryId);
        const berth = board(alone, passenger);
        alone.closed = true;
        return berth;
      }
      let carrier = open.get(kind);
      if (!carrier) {
        const opened = (carrier = openCarrier(kind, newId('set')));
        open.set(kind, opened);
        opened.timer = setTimeout(() => close(kind, opened), windowMs(kind));
      }
      const berth = board(carrier, passenger);
      if (carrier.passengers.length >= burstSize || carrier.endpoints.size >= MAX_ENDPOINTS_PER_SET)
        close(kind, carrier);
      return berth;
    },
    idle() {
      for (const [kind, carrier] of open) close(kind, carrier);
      if (startsInFlight === 0 && queue.length === 0 && waitingPassengers === 0) return Promise.resolve();
      return new Promise((resolve) => idleWaiters.push(resolve));
    },
    waiting: () => waitingPassengers,
    has: (deliveryId) => aboard.has(deliveryId),
  };
}
