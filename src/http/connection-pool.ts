/** Which connections are open to an origin, which of them are free, and who waits for one. */
import { LRUCache } from 'lru-cache';
import { atMost } from '../bounded.ts';
import { Connection } from './connection.ts';
import type { ConnectPolicy } from './connector.ts';

const DISTRUSTED_MS = 10 * 60_000;

/** Waits for a connection; `onConnection` is called once, perhaps at once. */
export interface Waiter {
  /** The tenant for whom it waits. */
  readonly payer: string;
  onConnection(connection: Connection): void;
}

/** The connections to one origin under one policy. */
export class OriginPool {
  readonly origin: string;
  readonly policy: ConnectPolicy;
  readonly #owner: ConnectionPools;
  readonly #key: string;
  readonly #isSingle: boolean;
  /** Last in, first out: under falling load the older ones fall idle and are closed. */
  readonly #idle: Connection[] = [];
  readonly #waiting = new Set<Waiter>();
  readonly #open = new Set<Connection>();

  constructor(owner: ConnectionPools, key: string, origin: string, policy: ConnectPolicy, isSingle = false) {
    this.#owner = owner;
    this.#key = key;
    this.#isSingle = isSingle;
    this.origin = origin;
    this.policy = policy;
  }

  acquire(waiter: Waiter): void {
    const connection = this.#idle.pop();
    if (connection !== undefined) {
      this.#owner.leaveIdle(connection);
      waiter.onConnection(connection);
    } else if (this.#open.size < this.#owner.limits.maxSocketsPerOrigin) {
      waiter.onConnection(this.#create(waiter.payer));
    } else {
      this.#waiting.add(waiter);
    }
  }

  stopWaiting(waiter: Waiter): void {
    this.#waiting.delete(waiter);
    this.#forgetWhenEmpty();
  }

  /** Gives back a connection whose response has been read to its end. */
  release(connection: Connection): void {
    if (this.#isSingle || !connection.reusable || this.#owner.isDistrusted(this.#key))
      return this.discard(connection);
    // A turn later, so that an answer too many, come together with this one, is not the next one's.
    if (this.#waiting.size > 0) setImmediate(() => this.#handOn(connection));
    else this.#rest(connection);
  }

  /** The server has answered what nobody asked: for a while, no connection to it is used twice. */
  distrust(): void {
    this.#owner.distrust(this.#key);
  }

  /** A new connection in place of one that broke. */
  replace(broken: Connection): Connection {
    const fresh = this.#create(broken.payer);
    this.discard(broken);
    return fresh;
  }

  discard(connection: Connection): void {
    if (!this.#open.delete(connection)) return;
    if (connection.idle) {
      this.#owner.leaveIdle(connection);
      this.#idle.splice(this.#idle.indexOf(connection), 1);
    }
    connection.destroy();
    if (this.#open.size < this.#owner.limits.maxSocketsPerOrigin) {
      const next = this.#nextWaiter();
      next?.onConnection(this.#create(next.payer));
    }
    this.#forgetWhenEmpty();
  }

  #handOn(connection: Connection): void {
    if (!connection.reusable) return this.discard(connection);
    const next = this.#nextWaiter();
    if (next !== undefined) next.onConnection(connection);
    else this.#rest(connection);
  }

  #rest(connection: Connection): void {
    this.#idle.push(connection);
    this.#owner.enterIdle(connection);
  }

  #create(payer: string): Connection {
    const connection = new Connection(this, payer);
    this.#open.add(connection);
    return connection;
  }

  #nextWaiter(): Waiter | undefined {
    const [next] = this.#waiting;
    if (next !== undefined) this.#waiting.delete(next);
    return next;
  }

  #forgetWhenEmpty(): void {
    if (this.#open.size === 0 && this.#waiting.size === 0) this.#owner.forget(this.#key, this);
  }
}

export interface PoolLimits {
  /** Beyond it, requests to that origin wait. */
  maxSocketsPerOrigin: number;
  /** Beyond it, over all origins, the connection that has been idle longest is closed. */
  maxIdleSockets: number;
}

/** All pools by key. A pool exists only as long as it has a connection or a waiter, however many origins pass. */
export class ConnectionPools {
  readonly limits: PoolLimits;
  readonly #pools = new Map<string, OriginPool>();
  /** In the order in which they fell idle. */
  readonly #idle = new Set<Connection>();
  /** Keys of pools whose servers have sent an answer too many. */
  readonly #distrusted = new LRUCache<string, true>({ ...atMost(10_000), ttl: DISTRUSTED_MS });

  constructor(limits: PoolLimits) {
    this.limits = limits;
  }

  /** `key` must tell apart everything that makes a policy differ: a connection checked under one must not serve another. */
  get(key: string, origin: string, policy: () => ConnectPolicy): OriginPool {
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = new OriginPool(this, key, origin, policy());
      this.#pools.set(key, pool);
    }
    return pool;
  }

  /** For one exchange, whose connection is closed after it. */
  single(origin: string, policy: ConnectPolicy): OriginPool {
    return new OriginPool(this, `${origin} once`, origin, policy, true);
  }

  distrust(key: string): void {
    this.#distrusted.set(key, true);
  }

  isDistrusted(key: string): boolean {
    return this.#distrusted.size > 0 && this.#distrusted.has(key);
  }

  enterIdle(connection: Connection): void {
    connection.idle = true;
    this.#idle.add(connection);
    if (this.#idle.size > this.limits.maxIdleSockets) {
      const [oldest] = this.#idle;
      oldest?.pool.discard(oldest);
    }
  }

  leaveIdle(connection: Connection): void {
    connection.idle = false;
    this.#idle.delete(connection);
  }

  forget(key: string, pool: OriginPool): void {
    if (this.#pools.get(key) === pool) this.#pools.delete(key);
  }

  closeIdle(): void {
    for (const connection of [...this.#idle]) connection.pool.discard(connection);
  }
}
