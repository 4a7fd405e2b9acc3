import { Fifo } from '../../fifo.ts';
import type { Lane, Temper } from './lane.ts';

/**
 * Exchanges under way at once with endpoints of which nothing is known, and with such as did not answer the last time: one
 * more for each that is answered, half as many for each that is not. So it takes moments to find out that thousands answer.
 */
const AT_ONCE = { untried: { first: 64, least: 16 }, hangs: { first: 8, least: 8 } };

/** One tenant at the gate: the slots it holds, and its endpoints that want another, in turn. */
export class Tenant {
  readonly id: string;
  /** Quick slots held. */
  quick = 0;
  /** Slow ones. */
  slow = 0;
  /** Quick slots held by exchanges that are slow, and found no room among the slow ones. */
  stuck = 0;
  /** Exchanges under way with endpoints of each temper. */
  readonly trying: Record<Temper, number> = { answers: 0, hangs: 0, untried: 0 };
  readonly #atOnce = { untried: AT_ONCE.untried.first, hangs: AT_ONCE.hangs.first };
  /** Endpoints with something under way or waiting. */
  lanes = 0;
  /** It is among those that wait for their turn. */
  inTurn = false;
  readonly #turns = new Fifo<Lane>();
  /** Those for which nothing waits but what stands behind. */
  readonly #behind = new Set<Lane>();
  readonly #blocked = new Set<Lane>();
  /** Those that wait until fewer of their temper are tried, or for the pace. */
  readonly #paced = { untried: new Set<Lane>(), hangs: new Set<Lane>() };

  constructor(id: string) {
    this.id = id;
  }

  isTryingEnough(temper: Temper): boolean {
    return temper !== 'answers' && this.trying[temper] >= this.#atOnce[temper];
  }

  /** An exchange has ended with an endpoint that was of this temper when it began. */
  tried(temper: Temper, timedOut: boolean): void {
    this.trying[temper] -= 1;
    if (temper === 'answers') return;
    const atOnce = this.#atOnce[temper];
    this.#atOnce[temper] = timedOut ? Math.max(AT_ONCE[temper].least, atOnce >> 1) : atOnce + 1;
  }

  /** The lane gets its turn, if it wants one; a blocked one as soon as nothing of this tenant is stuck. */
  request(lane: Lane): boolean {
    const turn = lane.waiting.length > 0 ? 'live' : 'behind';
    if (lane.inTurn === 'live' || lane.inTurn === turn || !lane.wants) return false;
    this.#unpace(lane);
    if (lane.isBlocked) {
      this.#blocked.add(lane);
      return false;
    }
    this.#blocked.delete(lane);
    if (lane.isPaced && lane.temper !== 'answers') {
      this.#paced[lane.temper].add(lane);
      return false;
    }
    lane.inTurn = turn;
    if (turn === 'behind') this.#behind.add(lane);
    else {
      this.#behind.delete(lane);
      this.#turns.push(lane);
    }
    return true;
  }

  /** Takes the lane whose turn it is. */
  next(): Lane | undefined {
    for (let lane = this.#shift(); lane; lane = this.#shift()) {
      lane.inTurn = null;
      if (lane.wants && !lane.isBlocked && !lane.isPaced) return lane;
      this.request(lane);
    }
    for (const temper of ['untried', 'hangs'] as const) {
      const lane = this.isTryingEnough(temper) ? undefined : this.#nextOf(temper);
      if (lane) return lane;
    }
    return undefined;
  }

  #shift(): Lane | undefined {
    const live = this.#turns.shift();
    if (live) return live;
    const [lane] = this.#behind;
    if (lane) this.#behind.delete(lane);
    return lane;
  }

  /** Takes one of those that wait for the pace: of which nothing is known, or else what did not answer. */
  nextPaced(): Lane | undefined {
    return this.#nextOf('untried') ?? this.#nextOf('hangs');
  }

  get hasPaced(): boolean {
    return this.#paced.untried.size + this.#paced.hangs.size > 0;
  }

  #nextOf(temper: 'untried' | 'hangs'): Lane | undefined {
    for (const lane of this.#paced[temper]) {
      this.#paced[temper].delete(lane);
      if (lane.wants && !lane.isBlocked) return lane;
      this.request(lane);
    }
    return undefined;
  }

  #unpace(lane: Lane): void {
    this.#paced.untried.delete(lane);
    this.#paced.hangs.delete(lane);
  }

  takeBlocked(): Lane[] {
    const lanes = [...this.#blocked];
    this.#blocked.clear();
    return lanes;
  }

  forget(lane: Lane): void {
    this.#blocked.delete(lane);
    this.#unpace(lane);
  }
}

/** Tenants that want a slot: who holds least comes first, and of equals who has waited longest. */
export class TenantTurns {
  /** By the number of quick slots they hold. */
  readonly #byHeld: Set<Tenant>[] = [];
  #size = 0;
  /** Nobody holds fewer. */
  #lowest = 0;

  get size(): number {
    return this.#size;
  }

  add(tenant: Tenant): void {
    if (tenant.inTurn) return;
    tenant.inTurn = true;
    this.#size += 1;
    this.#place(tenant);
  }

  remove(tenant: Tenant): void {
    if (!tenant.inTurn) return;
    tenant.inTurn = false;
    this.#size -= 1;
    this.#byHeld[tenant.quick]!.delete(tenant);
  }

  /** The tenant takes or gives back quick slots. */
  change(tenant: Tenant, by: number): void {
    if (tenant.inTurn) this.#byHeld[tenant.quick]!.delete(tenant);
    tenant.quick += by;
    if (tenant.inTurn) this.#place(tenant);
  }

  first(): Tenant | undefined {
    if (this.#size === 0) return undefined;
    for (; ; this.#lowest += 1) {
      const [tenant] = this.#byHeld[this.#lowest] ?? [];
      if (tenant) return tenant;
    }
  }

  #place(tenant: Tenant): void {
    (this.#byHeld[tenant.quick] ??= new Set()).add(tenant);
    this.#lowest = Math.min(this.#lowest, tenant.quick);
  }
}
