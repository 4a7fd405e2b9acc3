/** What has been under way for how long: one timer for all, which runs only while there is something to watch. */
import { TransientMap } from '../../transient-map.ts';

export interface Aged {
  readonly startedAtMs: number;
  /** Among the young: given to it here. */
  place: number;
}

const LOOK_EVERY_MS = 250;

/** Tells of everything that has been in here for `ageMs`, some 250 ms late at most. */
export class Ages<T extends Aged> {
  readonly #ageMs: number;
  readonly #onLook: (old: T[]) => void;
  /** In the order in which they came. */
  readonly #young = new TransientMap<number, T>();
  #next = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `onLook` is called at every look while anything is watched. */
  constructor(ageMs: number, onLook: (old: T[]) => void) {
    this.#ageMs = ageMs;
    this.#onLook = onLook;
  }

  add(item: T): void {
    item.place = this.#next++;
    this.#young.set(item.place, item);
    this.watch();
  }

  delete(item: T): void {
    this.#young.delete(item.place);
  }

  /** Look on for another while, though nothing is young. */
  watch(): void {
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  #look(): void {
    const before = performance.now() - this.#ageMs;
    const old: T[] = [];
    for (const item of this.#young.values()) {
      if (item.startedAtMs > before) break;
      this.#young.delete(item.place);
      old.push(item);
    }
    if (this.#young.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    this.#onLook(old);
  }
}
