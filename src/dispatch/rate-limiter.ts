import type { Logger } from 'pino';
import { createBatcher } from '../batcher.ts';
import type { Endpoint } from '../domain.ts';
import type { Queryable } from '../store/pool.ts';
import { reserveAttempts, type Reservation, type ReservationRequest } from '../store/reserve-attempts.ts';
import { Meter, type WaitKind } from './meter.ts';

/** What the gate asks about an endpoint with a limit, and whom it tells. */
export interface EndpointMeter {
  /** One more waits; else when it should come again (Unix ms). */
  enter(kind: WaitKind): number | null;
  /** One that waited has been sent away, or turned away. */
  leave(kind: WaitKind): void;
  /** When one that is sent away should come again (Unix ms). */
  comeAgainAtMs(): number;
  /** Whether one of those that wait may begin. */
  isDue(): boolean;
  begin(kind: WaitKind): void;
  /** One more waits in the lane, or could begin: it is told when one is due. */
  attend(lane: MeteredLane): void;
}

/** Those of an endpoint that wait at the gate. */
export interface MeteredLane {
  /** One may begin, if there is a slot. */
  onDue(): void;
  /** So many could begin at once. */
  free(): number;
  /** So many, those that came last, should wait elsewhere. */
  sendAway(count: number): void;
}

/** The limits of endpoints, kept over all processes. Endpoints without one cost nothing here. */
export interface RateLimiter {
  /** Null: it has no limit. */
  meterOf(endpoint: Endpoint): EndpointMeter | null;
  /** Whether it has, or had a limit here. */
  knows(endpointId: string): boolean;
  /** How many of the endpoint may wait in this process; Infinity where no limit is known. */
  roomOf(endpointId: string): number;
  /** Where that is none: when there will be some (Unix ms). */
  roomAtMs(endpointId: string): number;
  /** Its limit may have been changed: let somebody come and see. */
  changed(endpointId: string): void;
  allChanged(): void;
}

export interface RateLimiterDeps {
  db: Queryable;
  log: Logger;
}

interface Limited {
  tenantId: string;
  meter: Meter;
  ofEndpoint: EndpointMeter;
  timer: NodeJS.Timeout | undefined;
  lane: MeteredLane | null;
  /** It has no limit any more: what waits here may begin. */
  lifted: boolean;
  /** Whether its limit is what is known here has to be seen. */
  doubtful: boolean;
}

/** Endpoints in one statement. */
const MAX_GROUP = 500;
/** From so many on, those that are idle are forgotten. */
const MANY = 10_000;

export function createRateLimiter({ db, log }: RateLimiterDeps): RateLimiter {
  const limited = new Map<string, Limited>();
  let forgetAt = MANY;
  const reservations = createBatcher<ReservationRequest, Reservation | null>({
    maxItems: MAX_GROUP,
    concurrency: 2,
    keys: ({ endpointId }) => [endpointId],
    turn: ({ tenantId }) => tenantId,
    run: (requests) => reserveAttempts(db, requests),
  });

  function find({ id, tenantId }: Endpoint, limit: NonNullable<Endpoint['rateLimit']>): Limited {
    let one = limited.get(id);
    if (!one) {
      if (limited.size >= forgetAt) forgetIdle();
      one = makeLimited(id, tenantId, new Meter(limit));
      limited.set(id, one);
    }
    one.doubtful = false;
    one.meter.change(limit, performance.now());
    return one;
  }

  function forgetIdle(): void {
    const now = performance.now();
    for (const [id, { meter }] of limited) if (meter.isIdle(now)) limited.delete(id);
    forgetAt = Math.max(MANY, 2 * limited.size);
  }

  function lift(endpointId: string, one: Limited): void {
    limited.delete(endpointId);
    one.lifted = true;
    clearTimeout(one.timer);
    one.lane?.onDue();
  }

  function attend(endpointId: string, one: Limited): void {
    if (one.lifted) return;
    clearTimeout(one.timer);
    const { meter } = one;
    const now = performance.now();
    const count = meter.ask(now, one.lane?.free() ?? 0);
    if (count > 0) void reserve(endpointId, one, count);
    const wakeAtMs = meter.wakeAtMs(now);
    if (wakeAtMs !== null) one.timer = setTimeout(wake, Math.ceil(wakeAtMs - now), endpointId, one);
  }

  function wake(endpointId: string, one: Limited): void {
    if (one.meter.isDue(performance.now())) one.lane?.onDue();
    attend(endpointId, one);
  }

  async function reserve(endpointId: string, one: Limited, count: number): Promise<void> {
    const { tenantId, meter } = one;
    try {
      const reservation = await reservations.submit({ tenantId, endpointId, count });
      if (one.lifted) return;
      if (!reservation) return lift(endpointId, one);
      const surplus = meter.reserved(reservation, performance.now());
      if (surplus > 0) one.lane?.sendAway(surplus);
    } catch (error) {
      meter.failed(performance.now());
      log.warn(
        { err: error, endpointId },
        'the rate of an endpoint could not be asked for; it will be again',
      );
    }
    wake(endpointId, one);
  }

  function makeLimited(endpointId: string, tenantId: string, meter: Meter): Limited {
    const comeAgainAtMs = () => Math.ceil(Date.now() + meter.deferral(performance.now(), Math.random()));
    const ofEndpoint: EndpointMeter = {
      enter: (kind) => (one.lifted || meter.enter(kind, performance.now()) ? null : comeAgainAtMs()),
      leave(kind) {
        if (!one.lifted) meter.leave(kind);
      },
      comeAgainAtMs,
      isDue: () => one.lifted || meter.isDue(performance.now()),
      begin(kind) {
        if (one.lifted) return;
        meter.begin(kind, performance.now());
        attend(endpointId, one);
      },
      attend(lane) {
        one.lane = lane;
        attend(endpointId, one);
      },
    };
    const one: Limited = {
      ...{ tenantId, meter, ofEndpoint, timer: undefined, lane: null },
      ...{ lifted: false, doubtful: false },
    };
    return one;
  }

  return {
    meterOf(endpoint) {
      const { id, rateLimit } = endpoint;
      if (rateLimit) return find(endpoint, rateLimit).ofEndpoint;
      const before = limited.get(id);
      if (before) lift(id, before);
      return null;
    },
    knows: (endpointId) => limited.has(endpointId),
    roomOf(endpointId) {
      const one = limited.get(endpointId);
      if (!one) return Infinity;
      return Math.max(one.meter.room(performance.now()), one.doubtful ? 1 : 0);
    },
    roomAtMs(endpointId) {
      const one = limited.get(endpointId);
      if (!one || one.doubtful) return 0;
      const now = performance.now();
      return Date.now() + one.meter.roomAtMs(now) - now;
    },
    changed(endpointId) {
      const one = limited.get(endpointId);
      if (one) one.doubtful = true;
    },
    allChanged() {
      for (const one of limited.values()) one.doubtful = true;
    },
  };
}
