import type { Outcome } from '../outcome.ts';
import { TransientMap } from '../transient-map.ts';
import type { Slot } from './gate.ts';
import type { AttemptRequest, MakeAttempt, Stoppable } from './make-attempt.ts';

export interface Attempts {
  /** Makes the attempt, or joins the one that is under way for this delivery in this process. Never throws for what a receiver does. */
  run(request: AttemptRequest): Promise<Outcome>;
  /** The attempt under way or just made here with this number, if any. */
  find(deliveryId: string, number: number): Promise<Outcome> | undefined;
  /** Its workflow has been told the outcome: it need not be remembered here for long. */
  forget(deliveryId: string, number: number): void;
  /** An attempt that came to `recorded: false` is in the log after all; or this process will not write it any more. */
  noteLate(deliveryId: string, number: number, written: boolean): void;
  /** The delivery was cancelled: an attempt that still waits for its slot will not be made. */
  cancel(deliveryId: string): void;
  /**
   * Whoever asked for this attempt no longer waits for it: unless it has begun (then false), or is asked for again, it
   * will not be made, and comes to `foreign`.
   */
  giveUp(deliveryId: string, number: number): boolean;
  /** Other processes took over what is held here: what has not begun comes to `foreign`. Returns how much that is. */
  disown(): number;
  /** Keeps a slot for the attempt that this delivery's workflow will soon make here. */
  reserve(deliveryId: string, slot: Slot): void;
  /** Whether an attempt of the delivery is under way here, or remembered, and someone is going to ask for it or write it. */
  has(deliveryId: string): boolean;
}

const RESERVED_MS = 30_000;
/** By then its workflow has asked for an outcome, or will find it in the log. */
const REMEMBER_MS = 30_000;
/** Told, but not in the log yet: should the workflow's task be lost with it, it asks again. */
const REMEMBER_UNRECORDED_MS = 300_000;

/** An attempt that was asked for here. What is noted on it counts for this one, not for a later one of its delivery. */
interface Held extends Stoppable {
  number: number;
  outcome: Promise<Outcome>;
  /** It is over, and its log row could not be written. */
  unrecorded: boolean;
  /** When it may be forgotten; null while only this process knows of it. */
  forgetAtMs: number | null;
  /** From then on nothing but its workflow can write it, should it have one. */
  leftAtMs: number | null;
}

/** Nobody waits for it now, and it is not over. */
const isGivenUp = ({ stop, begun, forgetAtMs }: Held): boolean =>
  stop === 'foreign' && !begun && forgetAtMs === null;

/**
 * The one place through which attempts are made: once per delivery and number, recorded before anyone is told. Called
 * ahead of the workflow by the dispatcher, and by the workflow's activity, which then finds it.
 */
export function createAttempts(make: MakeAttempt): Attempts {
  /** By delivery: its latest attempt here, under way or over. */
  const held = new TransientMap<string, Held>();
  /** By delivery: slots for attempts that nobody has asked for yet. */
  const reserved = new TransientMap<string, Slot>();

  setInterval(() => {
    const now = performance.now();
    for (const [deliveryId, { forgetAtMs }] of held) {
      if (forgetAtMs !== null && forgetAtMs < now) held.delete(deliveryId);
    }
  }, REMEMBER_MS / 3).unref();

  function takeReserved(deliveryId: string): Slot | null {
    const slot = reserved.get(deliveryId) ?? null;
    reserved.delete(deliveryId);
    return slot;
  }

  return {
    run(request) {
      const { deliveryId, number } = request.job;
      const present = held.get(deliveryId);
      if (present?.number === number) {
        // Given up, it has kept its place at the gate.
        if (isGivenUp(present)) present.stop = null;
        return present.outcome;
      }
      const state: Stoppable = { stop: null, begun: false, sent: false };
      const outcome = make(request, state, takeReserved(deliveryId));
      const entry: Held = Object.assign(state, {
        ...{ number, outcome, unrecorded: false },
        ...{ forgetAtMs: null, leftAtMs: null },
      });
      held.set(deliveryId, entry);
      outcome.then(
        (made) => {
          // Not due: whoever asks again begins again.
          if (made.kind === 'deferred' && held.get(deliveryId) === entry) held.delete(deliveryId);
          // What is not in the log stays: only its workflow's activity can hand it on.
          entry.unrecorded = made.kind === 'attempt' && !made.recorded;
          if (!entry.unrecorded) entry.forgetAtMs = performance.now() + REMEMBER_MS;
        },
        // Our own fault: whoever asks again makes a new one.
        () => {
          if (held.get(deliveryId) === entry) held.delete(deliveryId);
        },
      );
      return outcome;
    },
    find(deliveryId, number) {
      const present = held.get(deliveryId);
      return present?.number === number && !isGivenUp(present) ? present.outcome : undefined;
    },
    forget(deliveryId, number) {
      takeReserved(deliveryId)?.leave(false);
      const entry = held.get(deliveryId);
      if (entry?.number !== number) return;
      if (entry.unrecorded) entry.forgetAtMs ??= performance.now() + REMEMBER_UNRECORDED_MS;
      else held.delete(deliveryId);
    },
    noteLate(deliveryId, number, written) {
      const entry = held.get(deliveryId);
      if (entry?.number !== number) return;
      if (written) {
        // Whoever asks finds it there.
        entry.unrecorded = false;
        entry.forgetAtMs = performance.now() + REMEMBER_MS;
      } else {
        entry.leftAtMs = performance.now();
      }
    },
    cancel(deliveryId) {
      takeReserved(deliveryId)?.leave(false);
      const entry = held.get(deliveryId);
      if (entry) entry.stop ??= 'cancelled';
    },
    giveUp(deliveryId, number) {
      const entry = held.get(deliveryId);
      if (entry?.number !== number || entry.begun || entry.forgetAtMs !== null) return false;
      entry.stop ??= 'foreign';
      return true;
    },
    disown() {
      for (const deliveryId of reserved.keys()) takeReserved(deliveryId)?.leave(false);
      const waiting = [...held.values()].filter(({ sent, forgetAtMs }) => !sent && forgetAtMs === null);
      for (const entry of waiting) entry.stop ??= 'foreign';
      return waiting.length;
    },
    reserve(deliveryId, slot) {
      takeReserved(deliveryId)?.leave(false);
      reserved.set(deliveryId, slot);
      // The workflow may run in another process, or not at all for now: the slot is not kept for ever.
      setTimeout(() => {
        if (reserved.get(deliveryId) === slot) takeReserved(deliveryId)?.leave(false);
      }, RESERVED_MS).unref();
    },
    has(deliveryId) {
      const entry = held.get(deliveryId);
      return entry !== undefined && performance.now() < (entry.leftAtMs ?? Infinity) + REMEMBER_MS;
    },
  };
}
