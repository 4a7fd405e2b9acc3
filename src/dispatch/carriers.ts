import type { Logger } from 'pino';
import { newId } from '../ids.ts';
import { createRate } from './rate.ts';
import { createStarter } from './starter.ts';
import type { EndpointLabel, Progress } from '../../workflows/messages.ts';

/** A delivery on its way to the workflow that will carry it. Ids only. */
export interface Passenger {
  deliveryId: string;
  tenantId: string;
  endpointId: string;
  eventType: string;
  eventId: string;
  /** Set when attempts were made under an earlier workflow. */
  progress: Progress | null;
  /** Null where the endpoint is not known at hand: people then read its id. */
  label: EndpointLabel | null;
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
  /** Whether what needs nothing but a workflow may be fetched from the table: not while Temporal is slow, or away. */
  hasRoom(): boolean;
  /** Whether a delivery waits here for its workflow to be started. */
  has(deliveryId: string): boolean;
}

export interface CarriersDeps {
  start(carrier: Carrier): Promise<void>;
  burstSize: number;
  startsPerSecond: number;
  /** Deliveries that may wait for their workflows while Temporal is away. */
  maxWaiting?: number;
  log: Logger;
}

/** A carrier that is being packed, or waits for the records of those in it. */
interface Pack extends Carrier {
  ready: number;
  closed: boolean;
  endpoints: Set<string>;
  timer: NodeJS.Timeout | undefined;
}

type Kind = 'succeeded' | 'open';

/** Search attributes hold 2 KB each: that many endpoint ids fit. */
const MAX_ENDPOINTS_PER_SET = 40;
/** How long a set stays open: what has succeeded is in no hurry for its workflow, what failed is looked for. */
const MAX_WINDOW_MS = { succeeded: 1_500, open: 500 };
const MAX_STARTS_IN_FLIGHT = 3;
/** Where each delivery has a workflow of its own, the starts are the throughput. */
const MAX_LONE_STARTS_IN_FLIGHT = 32;
/** With Temporal away for long, what is beyond this is left to the sweep; what has succeeded, beyond half of it. */
const MAX_WAITING = 100_000;
/** Of that, for what has been attempted before and lies in the table. */
const FETCHED_PART = 1 / 5;

/**
 * Workflow starts are the dear part of a delivery (10–20 ms of CPU over all processes), so they are rationed.
 * While deliveries come slower than `startsPerSecond`, each gets a workflow of its own, at once. When they come faster,
 * what has succeeded rides together. What has not still gets one of its own, unless that, too, comes faster; then it
 * shares a set which stays open the longer the busier it is.
 */
export function createCarriers(deps: CarriersDeps): Carriers {
  const { burstSize, startsPerSecond, maxWaiting = MAX_WAITING, log } = deps;
  const open = new Map<Kind, Pack>();
  const aboard = new Set<string>();
  const idleWaiters: (() => void)[] = [];
  /** Of all deliveries, and of those that have not succeeded. */
  const rates = { succeeded: createRate(), open: createRate() };
  const starter = createStarter({
    start: (carrier) => deps.start(carrier),
    maxInFlight: burstSize === 1 ? MAX_LONE_STARTS_IN_FLIGHT : MAX_STARTS_IN_FLIGHT,
    isOverfull: ({ succeeded }) => aboard.size > (succeeded ? maxWaiting / 2 : maxWaiting),
    onDone: disembark,
    log,
  });

  function ridesAlone(kind: Kind): boolean {
    if (burstSize === 1) return true;
    // What waits for its start already is a second's budget at most, or Temporal is slow, or away.
    const queueLimit = kind === 'open' ? startsPerSecond : 1;
    return !open.has(kind) && starter.queued() < queueLimit && rates[kind].perSecond() <= startsPerSecond;
  }

  function windowMs(kind: Kind): number {
    if (kind === 'succeeded') return MAX_WINDOW_MS.succeeded;
    return Math.min(MAX_WINDOW_MS.open, (250 * rates.open.perSecond()) / startsPerSecond);
  }

  function newPack(kind: Kind, workflowId: string): Pack {
    return {
      workflowId,
      passengers: [],
      succeeded: kind === 'succeeded',
      ready: 0,
      closed: false,
      endpoints: new Set(),
      timer: undefined,
    };
  }

  function openSet(kind: Kind): Pack {
    const pack = newPack(kind, newId('set'));
    open.set(kind, pack);
    pack.timer = setTimeout(() => close(kind, pack), windowMs(kind));
    return pack;
  }

  function close(kind: Kind, pack: Pack): void {
    clearTimeout(pack.timer);
    pack.closed = true;
    if (open.get(kind) === pack) open.delete(kind);
    leaveWhenReady(pack);
  }

  function leaveWhenReady(pack: Pack): void {
    if (pack.closed && pack.ready === pack.passengers.length) starter.enqueue(pack);
  }

  function board(pack: Pack, passenger: Passenger): Berth {
    pack.passengers.push(passenger);
    aboard.add(passenger.deliveryId);
    pack.endpoints.add(passenger.endpointId);
    let isReady = false;
    return {
      workflowId: pack.workflowId,
      ready() {
        if (isReady) return;
        isReady = true;
        pack.ready += 1;
        leaveWhenReady(pack);
      },
    };
  }

  function disembark({ passengers }: Carrier): void {
    for (const { deliveryId } of passengers) aboard.delete(deliveryId);
    if (aboard.size === 0) for (const wake of idleWaiters.splice(0)) wake();
  }

  return {
    book(passenger, kind) {
      rates.succeeded.count();
      if (kind === 'open') rates.open.count();
      if (ridesAlone(kind)) {
        const alone = newPack(kind, passenger.deliveryId);
        const berth = board(alone, passenger);
        alone.closed = true;
        return berth;
      }
      const pack = open.get(kind) ?? openSet(kind);
      const berth = board(pack, passenger);
      if (pack.passengers.length >= burstSize || pack.endpoints.size >= MAX_ENDPOINTS_PER_SET)
        close(kind, pack);
      return berth;
    },
    idle() {
      for (const [kind, pack] of open) close(kind, pack);
      if (aboard.size === 0) return Promise.resolve();
      return new Promise((resolve) => idleWaiters.push(resolve));
    },
    waiting: () => aboard.size,
    hasRoom: () => aboard.size < maxWaiting * FETCHED_PART,
    has: (deliveryId) => aboard.has(deliveryId),
  };
}
