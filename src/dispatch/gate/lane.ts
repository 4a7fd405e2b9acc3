import { Fifo } from '../../fifo.ts';
import type { ComeAgain, Slot } from '../gate.ts';
import type { WaitKind } from '../meter.ts';
import type { EndpointMeter, MeteredLane } from '../rate-limiter.ts';
import type { Tenant } from './tenants.ts';

export interface Waiter {
  grant(slot: Slot | ComeAgain): void;
  refuse(error: Error): void;
  /** Its endpoint has a limit, and it waits for its turn by that, too. */
  turn: { meter: EndpointMeter; kind: WaitKind } | null;
}

/** How its last attempt ended: in any answer, or in none; `untried`: nobody remembers one. */
export type Temper = 'answers' | 'hangs' | 'untried';

/** What is remembered of an endpoint. */
export interface Habit {
  share: number;
  temper: Temper;
}

/**
 * One endpoint at the gate: who waits for it, and how much it may have under way. Its share follows how it behaves:
 * every time-out halves it, every other end of an attempt wins one back.
 */
export class Lane {
  readonly endpointId: string;
  readonly tenant: Tenant;
  readonly waiting = new Fifo<Waiter>();
  /** Those that let everybody else go first. */
  readonly behind = new Fifo<Waiter>();
  limit: number;
  share: number;
  /** Exchanges under way. */
  active = 0;
  /** Of these, such as have taken longer than an ordinary answer does. */
  slow = 0;
  temper: Temper;
  /** Among its tenant's lanes that wait for their turn: with live traffic, or behind those that have some. */
  inTurn: 'live' | 'behind' | null = null;
  /** For its limit, if it has one: whom to tell that something is due. */
  metered: MeteredLane | null = null;

  constructor(endpointId: string, tenant: Tenant, limit: number, habit: Habit | undefined) {
    this.endpointId = endpointId;
    this.tenant = tenant;
    this.limit = limit;
    this.share = Math.min(habit?.share ?? limit, limit);
    this.temper = habit?.temper ?? 'untried';
  }

  /** Its setting was changed: what was learnt under the other does not count. */
  changeLimit(limit: number): void {
    if (this.limit === limit) return;
    this.limit = limit;
    this.share = limit;
  }

  get hasWaiters(): boolean {
    return this.waiting.length + this.behind.length > 0;
  }

  nextWaiter(): Waiter | undefined {
    return this.waiting.shift() ?? this.behind.shift();
  }

  takeAllWaiters(): Waiter[] {
    return [...this.waiting.takeAll(), ...this.behind.takeAll()];
  }

  get wants(): boolean {
    const next = this.waiting.first ?? this.behind.first;
    return next !== undefined && this.active < this.share && (next.turn === null || next.turn.meter.isDue());
  }

  /**
   * Where its tenant's slow exchanges have found no room among the slow ones, and keep quick slots, an endpoint that
   * is slow just now starts no more: that slot is worth more to one that answers.
   */
  get isBlocked(): boolean {
    return this.slow > 0 && this.tenant.stuck > 0;
  }

  /** Its tenant tries out enough such endpoints at the moment: it begins when the pace allows (pace.ts). */
  get isPaced(): boolean {
    return this.tenant.isTryingEnough(this.temper);
  }

  get isIdle(): boolean {
    return this.active === 0 && !this.hasWaiters;
  }

  learn(timedOut: boolean): void {
    this.temper = timedOut ? 'hangs' : 'answers';
    this.share = timedOut ? Math.max(1, Math.floor(this.share / 2)) : Math.min(this.limit, this.share + 1);
  }
}
