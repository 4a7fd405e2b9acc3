/** How fast endpoints are tried that may not answer, whoever they belong to: so that they do not time out together. */
import type { Tenant } from './tenants.ts';

const EVERY_MS = 20;

/** Every 20 ms one tenant in turn may begin one exchange more. The timer runs only while somebody waits for it. */
export class Pace {
  readonly #begin: (tenant: Tenant) => void;
  /** In the order of their turns. */
  readonly #tenants = new Set<Tenant>();
  #timer: NodeJS.Timeout | undefined;

  constructor(begin: (tenant: Tenant) => void) {
    this.#begin = begin;
  }

  add(tenant: Tenant): void {
    this.#tenants.add(tenant);
    this.#timer ??= setInterval(() => this.#next(), EVERY_MS).unref();
  }

  #next(): void {
    for (const tenant of this.#tenants) {
      this.#tenants.delete(tenant);
      if (!tenant.hasPaced) continue;
      this.#tenants.add(tenant);
      return this.#begin(tenant);
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
