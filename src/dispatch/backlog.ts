import type { WaitingEndpoint } from '../store/waiting-endpoints.ts';

/** Beyond this, endpoints are found again by looking through the table. */
export const MAX_ENDPOINTS = 10_000;
/** From here on, endpoints that want nothing now are not worth their place. */
const CROWDED_PART = 3 / 4;

/**
 * Endpoints of which something is known to wait in the table, by tenant. When there is no place left, the tenant with most
 * of them has to give one up.
 */
export class Backlog {
  readonly #maxEndpoints: number;
  /** In the order of their next turns. */
  readonly #tenants = new Map<string, Set<string>>();
  /** At `n`, the tenants with `n` endpoints; the last one is not empty. */
  readonly #tenantsBySize: Set<string>[] = [];
  #size = 0;

  constructor(maxEndpoints = MAX_ENDPOINTS) {
    this.#maxEndpoints = maxEndpoints;
  }

  get size(): number {
    return this.#size;
  }

  get isCrowded(): boolean {
    return this.#size > this.#maxEndpoints * CROWDED_PART;
  }

  add({ tenantId, endpointId }: WaitingEndpoint): void {
    const known = this.#tenants.get(tenantId);
    if (known?.has(endpointId)) return;
    const count = known?.size ?? 0;
    if (this.#size >= this.#maxEndpoints && !this.#makeWayFor(count)) return;
    const endpoints = known ?? new Set<string>();
    this.#tenants.set(tenantId, endpoints.add(endpointId));
    this.#resized(tenantId, count, count + 1);
  }

  delete({ tenantId, endpointId }: WaitingEndpoint): void {
    const endpoints = this.#tenants.get(tenantId);
    if (!endpoints?.delete(endpointId)) return;
    if (endpoints.size === 0) this.#tenants.delete(tenantId);
    this.#resized(tenantId, endpoints.size + 1, endpoints.size);
  }

  /** It has had its turn: others of its tenant, and other tenants, come first next time. */
  putLast({ tenantId, endpointId }: WaitingEndpoint): void {
    const endpoints = this.#tenants.get(tenantId);
    if (!endpoints?.delete(endpointId)) return;
    endpoints.add(endpointId);
    this.#tenants.delete(tenantId);
    this.#tenants.set(tenantId, endpoints);
  }

  /** One of each tenant, then another of each, and so on. */
  *inTurn(): Generator<WaitingEndpoint> {
    let tenants = [...this.#tenants].map(([tenantId, endpoints]) => ({
      tenantId,
      endpoints: [...endpoints],
    }));
    for (let n = 0; tenants.length > 0; n += 1) {
      tenants = tenants.filter(({ endpoints }) => n < endpoints.length);
      for (const { tenantId, endpoints } of tenants) yield { tenantId, endpointId: endpoints[n]! };
    }
  }

  /** For a tenant that has so many; false: no other has more than it would have then. */
  #makeWayFor(count: number): boolean {
    const most = this.#tenantsBySize.length - 1;
    if (most <= count + 1) return false;
    const [tenantId] = this.#tenantsBySize[most]!;
    const [endpointId] = this.#tenants.get(tenantId!)!;
    this.delete({ tenantId: tenantId!, endpointId: endpointId! });
    return true;
  }

  #resized(tenantId: string, from: number, to: number): void {
    this.#size += to - from;
    this.#tenantsBySize[from]?.delete(tenantId);
    if (to > 0) (this.#tenantsBySize[to] ??= new Set()).add(tenantId);
    while (this.#tenantsBySize.length > 0 && !this.#tenantsBySize.at(-1)?.size) this.#tenantsBySize.pop();
  }
}
