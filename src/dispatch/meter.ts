import { Fifo } from '../fifo.ts';
import { KEPT_PART, RESERVED_AHEAD_MS, type RateLimit } from '../rate-limit.ts';

/** What has been reserved, as far as the machine below needs to know: see reserve-attempts.ts. */
export interface Granted {
  limit: RateLimit;
  granted: number;
  used: number;
}

/** What waits: each kind has a part of the rate, however much there is of the others. */
export type WaitKind = 'first' | 'retry' | 'manual' | 'replay';

/**
 * What has not begun so long after it was due has lost its place: or a process that was held up would make up for all of it
 * at once. Longer where the rate is so low that hardly anything comes together.
 */
const VALID_MS = { least: 250, most: 4_000, attempts: 2 };

/** So late an attempt may be, where no less than `leastMs` is too late. */
export const patienceMs = (perSecond: number, leastMs: number): number =>
  Math.min(VALID_MS.most, Math.max(leastMs, (VALID_MS.attempts * 1000) / perSecond));

/** After a reservation that fell short: so that what follows is not reserved one by one. */
const ASK_EVERY_MS = 250;
/** Timers are late by so much: what was due meanwhile follows at once, or the rate would never be reached. */
export const LATE_MS = 10;
/** However many are ahead of it: limits change, and deliveries are cancelled. */
export const MAX_DEFERRAL_MS = 15 * 60_000;

/**
 * One limited endpoint in one process: what waits here, what of it has a reserved time, and when to ask for more. Pure:
 * times are milliseconds of a clock that never jumps, and are given. Two things stand between an attempt and its request:
 * its reserved time, which all processes share out among themselves, and the distance from the last one that began here,
 * so that being late never makes a crowd.
 */
export class Meter {
  #limit: RateLimit;
  /** Reserved, and not begun: in order. */
  readonly #reserved = new Fifo<number>();
  /** All that any process is known to have reserved is made up for then, at the kept rate. */
  #arrivalMs = 0;
  /** The same of what has begun here, at the full rate. */
  #begunMs = 0;
  /** So many are being asked for. */
  #asked = 0;
  /** When to ask for more, after a reservation that fell short. */
  #askAtMs = 0;
  /** So far what is put off has been spread. */
  #deferredUntilMs = 0;
  readonly #waiting: Record<WaitKind, number> = { first: 0, retry: 0, manual: 0, replay: 0 };

  constructor(limit: RateLimit) {
    this.#limit = limit;
  }

  get waiting(): number {
    const { first, retry, manual, replay } = this.#waiting;
    return first + retry + manual + replay;
  }

  /** As {@link Granted} comes from Postgres, or the endpoint's setting was changed. What is used up stays used up. */
  change(limit: RateLimit, nowMs: number): void {
    const { perSecond, burst } = this.#limit;
    if (limit.perSecond === perSecond && limit.burst === burst) return;
    const used = this.#used(nowMs);
    const begun = (Math.max(0, this.#begunMs - nowMs) * perSecond) / 1000;
    this.#limit = limit;
    const most = limit.burst + (this.#kept * RESERVED_AHEAD_MS) / 1000;
    this.#arrivalMs = nowMs + (Math.min(used, most) / this.#kept) * 1000;
    this.#begunMs = nowMs + (Math.min(begun, limit.burst) / limit.perSecond) * 1000;
    this.#reserved.takeAll();
    this.#askAtMs = 0;
    this.#deferredUntilMs = 0;
  }

  /** How many of each kind may wait here: what is reserved, or can be before long. */
  room(nowMs: number): number {
    this.#forgetMissed(nowMs);
    return this.#reserved.length + this.#possible(nowMs, RESERVED_AHEAD_MS);
  }

  /** When there will be room, if there is none now. */
  roomAtMs(nowMs: number): number {
    return Math.max(nowMs, this.#nextMs(nowMs) - RESERVED_AHEAD_MS);
  }

  /** One more waits; false: it should not wait here. */
  enter(kind: WaitKind, nowMs: number): boolean {
    if (this.#waiting[kind] >= this.room(nowMs)) return false;
    this.#waiting[kind] += 1;
    return true;
  }

  /** One that waited waits no longer, and has not begun. */
  leave(kind: WaitKind): void {
    this.#waiting[kind] -= 1;
  }

  isDue(nowMs: number): boolean {
    this.#forgetMissed(nowMs);
    const due = this.#reserved.first;
    return due !== undefined && due <= nowMs && this.#roomToBeginMs() <= nowMs;
  }

  /** One that waited begins. */
  begin(kind: WaitKind, nowMs: number): void {
    this.leave(kind);
    this.#reserved.shift();
    this.#begunMs = Math.max(this.#begunMs, nowMs) + 1000 / this.#limit.perSecond;
  }

  /**
   * How many to reserve now; one question at a time. `free`: so many could begin at once. More is not asked for while it
   * would all be due, and lose its place.
   */
  ask(nowMs: number, free: number): number {
    if (this.#asked > 0 || nowMs < this.#askAtMs) return 0;
    this.#forgetMissed(nowMs);
    const most = this.#possible(nowMs, 0) > 0 ? Math.min(free, this.waiting) : this.waiting;
    this.#asked = Math.max(0, most - this.#reserved.length);
    return this.#asked;
  }

  /** The answer. Returns how many of those that wait should do so elsewhere. */
  reserved({ limit, granted, used }: Granted, nowMs: number): number {
    const asked = this.#asked;
    this.#asked = 0;
    this.change(limit, nowMs);
    const before = used - granted;
    for (let nth = 1; nth <= granted; nth += 1) this.#reserved.push(nowMs + this.#delayMs(before + nth));
    this.#arrivalMs = Math.max(nowMs, nowMs + (used / this.#kept) * 1000);
    if (granted >= asked) return 0;
    this.#askAtMs = Math.max(nowMs + ASK_EVERY_MS, this.roomAtMs(nowMs));
    const soon = this.#reserved.length + this.#possible(nowMs, 2 * RESERVED_AHEAD_MS);
    return Math.max(0, this.waiting - soon);
  }

  /** Postgres could not be asked. */
  failed(nowMs: number): void {
    this.#asked = 0;
    this.#askAtMs = nowMs + RESERVED_AHEAD_MS;
  }

  /** For what should not wait here: in how many milliseconds to come again. `random` is in [0, 1). */
  deferral(nowMs: number, random: number): number {
    const fromMs = Math.max(this.#deferredUntilMs, this.#nextMs(nowMs), nowMs + RESERVED_AHEAD_MS);
    if (fromMs > nowMs + MAX_DEFERRAL_MS) return MAX_DEFERRAL_MS * (0.5 + random / 2);
    this.#deferredUntilMs = fromMs + 1000 / this.#kept;
    return fromMs - nowMs;
  }

  /** When something changes here by itself, while something waits: it is due, or more can be reserved. */
  wakeAtMs(nowMs: number): number | null {
    if (this.waiting === 0) return null;
    const due = this.#reserved.first;
    const isShort = this.#asked === 0 && this.waiting > this.#reserved.length;
    // With some to be had at once, they are asked for as soon as one can begin.
    const isForSlots = this.#askAtMs <= nowMs && this.#possible(nowMs, 0) > 0;
    const askAtMs = isShort && !isForSlots ? Math.max(nowMs, this.#askAtMs) : Infinity;
    if (due === undefined) return askAtMs === Infinity ? null : askAtMs;
    const beginAtMs = Math.max(due, this.#roomToBeginMs());
    // Due already, and not begun: what is in its way tells us when it is gone. Unless the place is lost before.
    return Math.min(askAtMs, beginAtMs > nowMs ? beginAtMs : due + this.#validMs + 1);
  }

  /** Nothing waits, and what was used up is made up for: a new one would be the same. */
  isIdle(nowMs: number): boolean {
    return this.waiting === 0 && this.#arrivalMs <= nowMs && this.#begunMs <= nowMs;
  }

  get #kept(): number {
    return this.#limit.perSecond * KEPT_PART;
  }

  get #validMs(): number {
    return patienceMs(this.#limit.perSecond, VALID_MS.least);
  }

  #used(nowMs: number): number {
    return (Math.max(0, this.#arrivalMs - nowMs) * this.#kept) / 1000;
  }

  /** Of the attempt that is the nth to be made up for. */
  #delayMs(nth: number): number {
    return Math.max(0, (nth - this.#limit.burst) / this.#kept) * 1000;
  }

  #nextMs(nowMs: number): number {
    return nowMs + this.#delayMs(this.#used(nowMs) + 1);
  }

  /** As far as is known here, so many more could be reserved that are due within that time. */
  #possible(nowMs: number, withinMs: number): number {
    const most = this.#limit.burst + (this.#kept * withinMs) / 1000;
    return Math.max(0, Math.floor(most - this.#used(nowMs) + 1e-6));
  }

  #roomToBeginMs(): number {
    const { perSecond, burst } = this.#limit;
    return this.#begunMs - ((burst - 1) * 1000) / perSecond - LATE_MS;
  }

  #forgetMissed(nowMs: number): void {
    while (this.#reserved.length > 0 && this.#reserved.first! < nowMs - this.#validMs) this.#reserved.shift();
  }
}
