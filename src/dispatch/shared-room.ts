/** Of all: only for those who hold nothing. */
const RESERVED_PART = 1 / 16;

/**
 * Room that tenants share, in whatever unit. Each may hold up to `greed` times what is free: a tenant alone gets most of
 * it, several get equal parts, and whoever comes next finds some free without anybody having to give it back.
 */
export class SharedRoom {
  readonly #size: number;
  readonly #greed: number;
  readonly #reserved: number;
  #taken = 0;

  constructor(size: number, greed: number) {
    this.#size = size;
    this.#greed = greed;
    this.#reserved = Math.floor(size * RESERVED_PART);
  }

  get taken(): number {
    return this.#taken;
  }

  /** Whether a tenant that holds so much may have so much more. */
  hasRoomFor(held: number, amount = 1): boolean {
    const free = this.#size - this.#taken;
    return free >= amount && (held === 0 || held + amount <= this.#greed * (free - this.#reserved));
  }

  /** How far a tenant that holds so much is from its bound; negative beyond it. */
  leftFor(held: number): number {
    return this.#greed * (this.#size - this.#taken - this.#reserved) - held;
  }

  take(amount = 1): void {
    this.#taken += amount;
  }

  giveBack(amount = 1): void {
    this.#taken -= amount;
  }
}
