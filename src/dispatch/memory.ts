import type { EventRecord } from '../domain.ts';
import { TransientMap } from '../transient-map.ts';
import { createRate, type Rate } from './rate.ts';
import { SharedRoom } from './shared-room.ts';

/** A delivery as far as it takes room. Deliveries of one event share its payload. */
export interface Cargo {
  endpointId: string;
  event: EventRecord;
}

export interface MemoryOptions {
  /** How many attempts the endpoint may have under way. */
  shareOf(endpointId: string): number;
  /** By its rate, how many of the endpoint may wait here; Infinity where it has no limit. */
  roomOf?(endpointId: string): number;
  /** How many are under way to it. */
  activeOf?(endpointId: string): number;
}

/**
 * How many deliveries share the payload. On the event itself: a table by event would keep in the old space what has left
 * (transient-map.ts).
 */
const sharing = Symbol('sharing');
type Shared = EventRecord & { [sharing]?: number };
const sharingOf = (event: Shared): number => event[sharing] ?? 0;

interface Held {
  deliveries: number;
  bytes: number;
}

interface HeldForEndpoint {
  deliveries: number;
  sinceMs: number;
  /** Deliveries that have left. */
  pace: Rate;
}

export const MAX_DELIVERIES = 20_000;
export const MAX_BYTES = 64 << 20;
/** What a delivery weighs besides its payload, roughly. */
const DELIVERY_BYTES = 1_000;
/** Alone, a tenant gets about seven tenths. */
const TENANT_GREED = 3;
/** An endpoint may have here what it is going to take in this time. */
const PROVISION_SECONDS = 3;
const MAX_PER_ENDPOINT = 5_000;
/** Its pace is known after that long. Until then it gets so many for each attempt that it may have under way. */
const UNKNOWN_MS = 1_000;
const UNKNOWN_PER_SLOT = 32;
/** However slow it is: these are under way, or follow at once. */
const SLOW_PER_SLOT = 2;
const SLOW_BASE = 8;

/**
 * The bounds on what this process holds. An endpoint gets as much as it can take soon, so that one that hangs holds
 * little; a tenant as much as leaves room for others. What finds no room waits in the table.
 */
export class Memory {
  readonly #shareOf: (endpointId: string) => number;
  readonly #roomOf: (endpointId: string) => number;
  readonly #activeOf: (endpointId: string) => number;
  readonly #deliveries = new SharedRoom(MAX_DELIVERIES, TENANT_GREED);
  readonly #bytes = new SharedRoom(MAX_BYTES, TENANT_GREED);
  readonly #tenants = new TransientMap<string, Held>();
  readonly #endpoints = new TransientMap<string, HeldForEndpoint>();

  constructor({ shareOf, roomOf = () => Infinity, activeOf = () => 0 }: MemoryOptions) {
    this.#shareOf = shareOf;
    this.#roomOf = roomOf;
    this.#activeOf = activeOf;
  }

  get deliveries(): number {
    return this.#deliveries.taken;
  }

  get bytes(): number {
    return this.#bytes.taken;
  }

  /** Takes room for the delivery, if there is some; `atAnyRate`: whatever its endpoint's rate has to say. */
  reserve(cargo: Cargo, atAnyRate = false): boolean {
    const { endpointId, event } = cargo;
    const held = this.#tenants.get(event.tenantId);
    const ofTenant = held?.deliveries ?? 0;
    const ofEndpoint = this.#endpoints.get(endpointId)?.deliveries ?? 0;
    const hasRoom =
      this.#deliveries.hasRoomFor(ofTenant) &&
      this.#bytes.hasRoomFor(held?.bytes ?? 0, this.#weigh(event)) &&
      (ofEndpoint === 0 || ofEndpoint < this.#deliveries.leftFor(ofTenant)) &&
      ofEndpoint < this.#allowance(endpointId) &&
      (atAnyRate || this.#waitingOf(endpointId, ofEndpoint) < this.#roomOf(endpointId));
    if (hasRoom) this.take(cargo);
    return hasRoom;
  }

  /** Takes room, whether there is some or not: it is here already. */
  take({ endpointId, event }: Cargo): void {
    const bytes = this.#weigh(event);
    (event as Shared)[sharing] = sharingOf(event) + 1;
    this.#deliveries.take();
    this.#bytes.take(bytes);
    const tenant = this.#tenants.get(event.tenantId);
    if (tenant) {
      tenant.deliveries += 1;
      tenant.bytes += bytes;
    } else {
      this.#tenants.set(event.tenantId, { deliveries: 1, bytes });
    }
    const endpoint = this.#endpoints.get(endpointId);
    if (endpoint) endpoint.deliveries += 1;
    else this.#endpoints.set(endpointId, { deliveries: 1, sinceMs: performance.now(), pace: createRate() });
  }

  release({ endpointId, event }: Cargo): void {
    (event as Shared)[sharing] = sharingOf(event) - 1;
    const bytes = this.#weigh(event);
    this.#deliveries.giveBack();
    this.#bytes.giveBack(bytes);
    const tenant = this.#tenants.get(event.tenantId)!;
    tenant.deliveries -= 1;
    tenant.bytes -= bytes;
    if (tenant.deliveries === 0) this.#tenants.delete(event.tenantId);
    const endpoint = this.#endpoints.get(endpointId)!;
    endpoint.deliveries -= 1;
    endpoint.pace.count();
    if (endpoint.deliveries === 0) this.#endpoints.delete(endpointId);
  }

  /** How many of the endpoint should be fetched from the table; 0 unless half of what it may have here is used up. */
  wantedFor(tenantId: string, endpointId: string): number {
    const allowance = this.#allowance(endpointId);
    const ofEndpoint = this.#endpoints.get(endpointId)?.deliveries ?? 0;
    const room = this.#roomOf(endpointId);
    const waiting = this.#waitingOf(endpointId, ofEndpoint);
    if (ofEndpoint > allowance / 2 || waiting > room / 2 || room === 0) return 0;
    const { deliveries, bytes } = this.#tenants.get(tenantId) ?? { deliveries: 0, bytes: 0 };
    if (!this.#bytes.hasRoomFor(bytes) || !this.#deliveries.hasRoomFor(deliveries)) return 0;
    // With so many more, both the tenant and the endpoint are still within their bounds.
    const portion = Math.floor((this.#deliveries.leftFor(deliveries) - ofEndpoint) / (TENANT_GREED + 2));
    const most = Math.min(Math.ceil(allowance - ofEndpoint), room - waiting);
    return Math.min(most, Math.max(portion, ofEndpoint === 0 ? 1 : 0));
  }

  /** What is under way waits for nothing. */
  #waitingOf(endpointId: string, ofEndpoint: number): number {
    return Math.max(0, ofEndpoint - this.#activeOf(endpointId));
  }

  #allowance(endpointId: string): number {
    const share = this.#shareOf(endpointId);
    const endpoint = this.#endpoints.get(endpointId);
    if (!endpoint || performance.now() - endpoint.sinceMs < UNKNOWN_MS)
      return Math.min(MAX_PER_ENDPOINT, UNKNOWN_PER_SLOT * share);
    const soon = endpoint.pace.perSecond() * PROVISION_SECONDS;
    return Math.min(MAX_PER_ENDPOINT, Math.max(SLOW_BASE + SLOW_PER_SLOT * share, soon));
  }

  #weigh(event: EventRecord): number {
    return DELIVERY_BYTES + (sharingOf(event) > 0 ? 0 : event.data.length);
  }
}
