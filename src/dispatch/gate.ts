/**
 * How many exchanges may be under way: in this process, of each tenant, and to each endpoint. What does not fit waits
 * here. Freed slots go to the tenant that holds fewest, and within a tenant round its endpoints in turn, so that
 * neither a long queue for one endpoint nor a thousand endpoints of one tenant stand before another's.
 *
 * Slots are of two kinds. `maxInFlight` quick ones are for exchanges that have just begun; one that has gone on for a
 * second moves to a slow one, of which there are more: it costs a socket and teaches nothing until it times out.
 *
 * What would begin together with endpoints that hang would time out together, and come again together. So of each tenant
 * only so many are tried at once that are not known to answer; more begin at a pace that all of them share.
 *
 * Nothing here takes longer the more there is of it, and no attempt has a timer of its own.
 */
import { LRUCache } from 'lru-cache';
import { atMost } from '../bounded.ts';
import { TransientMap } from '../transient-map.ts';
import { Ages, type Aged } from './gate/ages.ts';
import { Lane, type Habit, type Temper, type Waiter } from './gate/lane.ts';
import { Pace } from './gate/pace.ts';
import { SharedRoom } from './shared-room.ts';
import { Tenant, TenantTurns } from './gate/tenants.ts';
import type { WaitKind } from './meter.ts';
import type { EndpointMeter, MeteredLane } from './rate-limiter.ts';

export interface GateOptions {
  maxInFlight: number;
  maxInFlightPerEndpoint: number;
}

export interface Entrant {
  tenantId: string;
  endpointId: string;
  /** The endpoint's own setting, if it has one. */
  limit: number | null;
  /** It stands behind all of its tenant that do not: a replay. */
  behind?: boolean;
}

/** An attempt at an endpoint with a limit of its own on how many are made in a time. */
export interface MeteredEntrant extends Entrant {
  meter: EndpointMeter;
  kind: WaitKind;
}

/** Nothing of it is due soon: it should not wait here, but come again then (Unix ms). */
export interface ComeAgain {
  comeAgainAtMs: number;
}

export interface Gate {
  /** Resolves with the slot once there is one. */
  enter(entrant: Entrant): Promise<Slot>;
  /** The same, once its turn has come by its endpoint's rate; until then it holds nothing. */
  enterMetered(entrant: MeteredEntrant): Promise<Slot | ComeAgain>;
  /** Under way to the endpoint. */
  activeOf(endpointId: string): number;
  inFlight(): number;
  /** Of these, how many have left the quick slots. */
  slow(): number;
  waiting(): number;
  /** How many the endpoint may have under way, as far as is known: fewer when it has not answered in time. */
  shareOf(endpointId: string): number;
  /** Whoever waits, or comes later, is turned away with GateClosed. Slots taken stay valid. */
  close(): void;
}

export interface Slot {
  /** By performance.now(). */
  readonly takenAtMs: number;
  /** Gives the slot back; `timedOut` tells how the endpoint behaved. */
  leave(timedOut: boolean): void;
}

export class GateClosed extends Error {
  override name = 'GateClosed';
}

/** Slow slots for each quick one. */
export const SLOW_PER_QUICK = 4;
/** An exchange that takes longer is slow. */
const SLOW_AFTER_MS = 1_000;
/** Alone, a tenant gets four fifths of the quick slots, and half of the slow ones. */
const QUICK_GREED = 4;
const SLOW_GREED = 1;
/** Endpoints that are idle now. */
const REMEMBERED_HABITS = 10_000;

/** `stuck`: slow, in a quick slot for lack of a slow one. */
type Stage = 'quick' | 'stuck' | 'slow' | 'left';

interface Held extends Aged {
  readonly lane: Lane;
  /** Of its endpoint, when it began. */
  readonly temper: Temper;
  stage: Stage;
}

export function createGate({ maxInFlight, maxInFlightPerEndpoint }: GateOptions): Gate {
  const quick = new SharedRoom(maxInFlight, QUICK_GREED);
  const slow = new SharedRoom(maxInFlight * SLOW_PER_QUICK, SLOW_GREED);
  /** Those with something under way or waiting. */
  const lanes = new TransientMap<string, Lane>();
  const tenants = new TransientMap<string, Tenant>();
  const habits = new LRUCache<string, Habit>(atMost(REMEMBERED_HABITS));
  const turns = new TenantTurns();
  const stuck = new Set<Held>();
  const ages = new Ages<Held>(SLOW_AFTER_MS, growOld);
  const pace = new Pace((tenant) => {
    const lane = quick.hasRoomFor(tenant.quick) ? tenant.nextPaced() : undefined;
    if (lane) begin(lane);
  });
  let waiting = 0;
  let closed = false;

  function laneOf({ endpointId, tenantId, limit: ownLimit }: Entrant): Lane {
    const limit = ownLimit ?? maxInFlightPerEndpoint;
    let lane = lanes.get(endpointId);
    if (lane) {
      lane.changeLimit(limit);
      return lane;
    }
    let tenant = tenants.get(tenantId);
    if (!tenant) tenants.set(tenantId, (tenant = new Tenant(tenantId)));
    tenant.lanes += 1;
    lane = new Lane(endpointId, tenant, limit, habits.get(endpointId));
    lanes.set(endpointId, lane);
    return lane;
  }

  function forgetIfIdle(lane: Lane): void {
    if (!lane.isIdle || !lanes.delete(lane.endpointId)) return;
    const { tenant, temper, share, limit } = lane;
    habits.set(lane.endpointId, { temper, share: share < limit ? share : Infinity });
    tenant.forget(lane);
    tenant.lanes -= 1;
    if (tenant.lanes > 0) return;
    turns.remove(tenant);
    tenants.delete(tenant.id);
  }

  function requestTurn(lane: Lane): void {
    const { tenant } = lane;
    if (tenant.request(lane)) turns.add(tenant);
    if (tenant.hasPaced) pace.add(tenant);
  }

  function pump(): void {
    for (;;) {
      const tenant = turns.first();
      if (!tenant || !quick.hasRoomFor(tenant.quick)) return;
      const lane = tenant.next();
      if (!lane) {
        turns.remove(tenant);
        continue;
      }
      begin(lane);
    }
  }

  function begin(lane: Lane): void {
    const { grant, turn } = lane.nextWaiter()!;
    waiting -= 1;
    const slot = take(lane);
    turn?.meter.begin(turn.kind);
    grant(slot);
    requestTurn(lane);
  }

  function take(lane: Lane): Slot {
    lane.active += 1;
    quick.take();
    turns.change(lane.tenant, 1);
    lane.tenant.trying[lane.temper] += 1;
    const startedAtMs = performance.now();
    const held: Held = { lane, temper: lane.temper, startedAtMs, stage: 'quick', place: 0 };
    ages.add(held);
    return { takenAtMs: held.startedAtMs, leave: (timedOut) => leave(held, timedOut) };
  }

  function leave(held: Held, timedOut: boolean): void {
    if (held.stage === 'left') return;
    const { lane } = held;
    if (held.stage === 'quick') ages.delete(held);
    else lane.slow -= 1;
    if (held.stage === 'slow') {
      slow.giveBack();
      lane.tenant.slow -= 1;
    } else {
      leaveQuick(held);
    }
    held.stage = 'left';
    lane.active -= 1;
    lane.learn(timedOut);
    lane.tenant.tried(held.temper, timedOut);
    requestTurn(lane);
    if (lane.tenant.hasPaced) turns.add(lane.tenant);
    pump();
    if (lane.metered) (lane.waiting.first ?? lane.behind.first)?.turn?.meter.attend(lane.metered);
    forgetIfIdle(lane);
  }

  function leaveQuick(held: Held): void {
    const { tenant } = held.lane;
    quick.giveBack();
    turns.change(tenant, -1);
    if (!stuck.delete(held)) return;
    tenant.stuck -= 1;
    if (tenant.stuck === 0) for (const lane of tenant.takeBlocked()) requestTurn(lane);
  }

  /** Exchanges that have become slow, and those that wait to move already. */
  function growOld(old: Held[]): void {
    for (const held of stuck) moveToSlow(held);
    for (const held of old) {
      held.lane.slow += 1;
      if (moveToSlow(held)) continue;
      held.stage = 'stuck';
      held.lane.tenant.stuck += 1;
      stuck.add(held);
    }
    if (stuck.size > 0) ages.watch();
    pump();
  }

  function moveToSlow(held: Held): boolean {
    const { tenant } = held.lane;
    if (!slow.hasRoomFor(tenant.slow)) return false;
    leaveQuick(held);
    held.stage = 'slow';
    slow.take();
    tenant.slow += 1;
    return true;
  }

  function wait(lane: Lane, { behind }: Entrant, waiter: Waiter): void {
    (behind ? lane.behind : lane.waiting).push(waiter);
    waiting += 1;
    requestTurn(lane);
    pump();
  }

  function meteredLane(lane: Lane): MeteredLane {
    return {
      onDue() {
        requestTurn(lane);
        pump();
      },
      free: () => Math.max(0, lane.share - lane.active),
      sendAway(count) {
        const live = lane.waiting.length;
        const waiters = lane.takeAllWaiters();
        const stay = waiters.length - count;
        waiters.forEach((waiter, place) => {
          if (place < stay || !waiter.turn) return (place < live ? lane.waiting : lane.behind).push(waiter);
          waiting -= 1;
          const { meter, kind } = waiter.turn;
          meter.leave(kind);
          waiter.grant({ comeAgainAtMs: meter.comeAgainAtMs() });
        });
        forgetIfIdle(lane);
      },
    };
  }

  return {
    enter(entrant) {
      if (closed) return Promise.reject(new GateClosed('this process is stopping'));
      const lane = laneOf(entrant);
      const nobodyWaits = turns.size === 0 && !lane.hasWaiters;
      const mayBegin = lane.active < lane.share && !lane.isBlocked && !lane.isPaced;
      if (nobodyWaits && mayBegin && quick.hasRoomFor(lane.tenant.quick)) return Promise.resolve(take(lane));
      return new Promise((grant, refuse) => {
        // It has no limit: only one that has is asked to come again.
        wait(lane, entrant, { grant: grant as Waiter['grant'], refuse, turn: null });
      });
    },
    enterMetered({ meter, kind, ...entrant }) {
      if (closed) return Promise.reject(new GateClosed('this process is stopping'));
      const comeAgainAtMs = meter.enter(kind);
      if (comeAgainAtMs !== null) return Promise.resolve({ comeAgainAtMs });
      const lane = laneOf(entrant);
      return new Promise((grant, refuse) => {
        wait(lane, entrant, { grant, refuse, turn: { meter, kind } });
        meter.attend((lane.metered ??= meteredLane(lane)));
      });
    },
    activeOf: (endpointId) => lanes.get(endpointId)?.active ?? 0,
    inFlight: () => quick.taken + slow.taken,
    slow: () => slow.taken,
    waiting: () => waiting,
    shareOf: (endpointId) =>
      lanes.get(endpointId)?.share ??
      Math.min(habits.get(endpointId)?.share ?? Infinity, maxInFlightPerEndpoint),
    close() {
      closed = true;
      waiting = 0;
      for (const lane of [...lanes.values()]) {
        for (const { turn, refuse } of lane.takeAllWaiters()) {
          turn?.meter.leave(turn.kind);
          refuse(new GateClosed('this process is stopping'));
        }
        forgetIfIdle(lane);
      }
    },
  };
}
