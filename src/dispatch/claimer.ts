import type { Logger } from 'pino';
import { claimDeliveries, type ClaimOrder } from '../store/claim-deliveries.ts';
import { cancelDeliveries } from '../store/delivery-state.ts';
import type { Queryable } from '../store/pool.ts';
import { absentClaimants, releaseClaims } from '../store/release-claims.ts';
import { waitingEndpoints, type WaitingEndpoint } from '../store/waiting-endpoints.ts';
import { Backlog, MAX_ENDPOINTS } from './backlog.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Membership } from './membership.ts';
import { createResting } from './resting.ts';

/** Fetches from the table what waits there for room, and what was held by a process that died. */
export interface Claimer {
  start(): void;
  /** There may be something to claim, of whatever endpoint: look soon. */
  nudge(): void;
  /** Something of these was left in the table. */
  left(endpoints: WaitingEndpoint[]): void;
  /** There may be room again for what is known to wait. */
  onRoom(): void;
  /** Nothing of the endpoint was due for a while: that may have changed. */
  wake(endpointId: string): void;
  wakeAll(): void;
  /** Runs `work` while no claim is under way: all that is claimed for this process is then in its memory. */
  between(work: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export interface ClaimerDeps {
  db: Queryable;
  membership: Membership;
  dispatcher: Dispatcher;
  log: Logger;
  /** So many deliveries were taken from the table. */
  onClaimed?: (deliveries: number) => void;
  /** Endpoints of which it is remembered that something waits. */
  maxEndpoints?: number;
}

const TICK_MS = 1_000;
/** Looks this often even when nobody said that there is something. */
const UNASKED_EVERY_TICKS = 10;
/** And so often through all days: each of them costs a few pages for every endpoint. */
const THOROUGH_EVERY_TICKS = 60;
const RECENT_MS = 24 * 3_600_000;
/** Deliveries that leave memory in this time are made up for together. */
const REFILL_EVERY_MS = 50;
/** Endpoints found by one look into the table. */
const PAGE = 100;
/** In one claim; one endpoint alone may have all of them. */
const CLAIM_LIMIT = 1_000;
const CLAIM_ENDPOINTS = 100;
const CLAIM_BYTES = 8 << 20;
/** Endpoints that are asked in one go whether they want something. */
const MAX_ASKED = 1_000;

export function createClaimer(deps: ClaimerDeps): Claimer {
  const { db, membership, dispatcher, log } = deps;
  const backlog = new Backlog(deps.maxEndpoints);
  const resting = createResting(deps.maxEndpoints ?? MAX_ENDPOINTS, (endpoint) => {
    backlog.add(endpoint);
    refillSoon();
  });
  /** There may be something of endpoints that are not known; perhaps for days. */
  let wanted = true;
  let wantedThoroughly = false;
  let looking = false;
  let ticking = false;
  let stopped = false;
  let ticks = 0;
  let timer: NodeJS.Timeout | undefined;
  let refillTimer: NodeJS.Timeout | undefined;
  /** One after the other: ticks, pages of a look, and what must not meet a claim. */
  let queue: Promise<void> = Promise.resolve();

  function between(work: () => Promise<void>): Promise<void> {
    const done = queue.then(() => (stopped ? undefined : work()));
    queue = done.catch(() => {});
    return done;
  }

  async function tick(): Promise<void> {
    ticks += 1;
    const unasked = ticks % UNASKED_EVERY_TICKS === 1;
    const dead = await membership.findDead();
    if (dead.length > 0 || unasked) await takeOver(dead);
    if (ticks % THOROUGH_EVERY_TICKS === 1 || dead.length > 0) wantedThoroughly = true;
    if (unasked || wantedThoroughly) wanted = true;
    if (wanted) lookSoon();
    else await refill();
  }

  async function takeOver(dead: number[]): Promise<void> {
    // First of all: should one of them live after all, it finds that it has lost what it had not begun.
    if (dead.length > 0) await membership.remove(dead);
    const deliveries = await releaseClaims(db, await absentClaimants(db));
    if (deliveries === 0) return;
    log.info({ deliveries }, 'took over from a dead process');
    wanted = true;
  }

  /** What is asked for during a look is looked for after the next tick. */
  function lookSoon(): void {
    if (looking || stopped) return;
    looking = true;
    look()
      .catch(failed)
      .finally(() => (looking = false));
  }

  /**
   * Finds all endpoints of which something waits, however many are known: what is known may want nothing now. Page by
   * page, so that nobody has to wait for the end of it.
   */
  async function look(): Promise<void> {
    let since: Date | null = null;
    for (let afterId: string | null = ''; afterId !== null && !stopped;) {
      const from: string = afterId;
      afterId = null;
      await between(async () => {
        if (from === '') {
          // Nobody announces what has waited for days, and there is seldom any.
          since = wantedThoroughly ? null : new Date(Date.now() - RECENT_MS);
          wanted = wantedThoroughly = false;
        }
        afterId = await lookAfter(from, since);
      });
    }
  }

  /** Returns where to go on; null at the end. */
  async function lookAfter(afterId: string, since: Date | null): Promise<string | null> {
    const found = await waitingEndpoints(db, { afterId, since, limit: PAGE });
    note(found);
    await refill();
    return found.length < PAGE ? null : found.at(-1)!.endpointId;
  }

  /** What rests is remembered already, and wanted later. */
  function note(endpoints: WaitingEndpoint[]): void {
    for (const endpoint of endpoints) if (!resting.has(endpoint.endpointId)) backlog.add(endpoint);
  }

  async function refill(): Promise<void> {
    while (!stopped && backlog.size > 0 && membership.isCertain()) {
      const orders = chooseOrders();
      if (orders.length === 0) return;
      await claim(orders);
    }
  }

  function chooseOrders(): (WaitingEndpoint & { count: number })[] {
    const chosen: (WaitingEndpoint & { count: number })[] = [];
    let asked = 0;
    for (const endpoint of backlog.inTurn()) {
      if (chosen.length >= CLAIM_ENDPOINTS || asked >= MAX_ASKED) break;
      asked += 1;
      const count = dispatcher.wantedFor(endpoint);
      if (count > 0) chosen.push({ ...endpoint, count });
      // The next look finds it again, where there is no place to remember it in.
      if (count === 0 && (rests(endpoint) || backlog.isCrowded)) backlog.delete(endpoint);
      else backlog.putLast(endpoint);
    }
    const limit = Math.ceil(CLAIM_LIMIT / Math.max(1, chosen.length));
    return chosen.map((order) => ({ ...order, count: Math.min(order.count, limit) }));
  }

  function rests(endpoint: WaitingEndpoint): boolean {
    const untilMs = dispatcher.restsUntilMs(endpoint.endpointId);
    return untilMs > Date.now() && resting.add(endpoint, untilMs);
  }

  async function claim(wants: (WaitingEndpoint & { count: number })[]): Promise<void> {
    const orders: ClaimOrder[] = [];
    for (const { endpointId, count } of wants) {
      orders.push({ endpointId, status: 'pending', count });
      // Those need no room here, but a workflow.
      if (dispatcher.takesRetries()) orders.push({ endpointId, status: 'retrying', count });
    }
    const processId = membership.id;
    if (processId === null) return;
    const { jobs, withoutEvent } = await claimDeliveries(db, { processId, orders, maxBytes: CLAIM_BYTES });
    // Taken for dead in the meantime, under that number it has claimed nothing.
    if (membership.id !== processId) return;
    deps.onClaimed?.(jobs.length);
    dispatcher.take(jobs.filter((job) => !dispatcher.holds(job.deliveryId)));
    if (withoutEvent.length > 0) return end(withoutEvent);
    const bytes = [...new Set(jobs.map((job) => job.event))].reduce((sum, { data }) => sum + data.length, 0);
    // Cut short, it says nothing about what is left.
    if (bytes > CLAIM_BYTES / 2) return;
    const keyOf = (endpointId: string, status: string) => `${endpointId} ${status}`;
    const got = new Map<string, number>();
    for (const { endpointId, status } of jobs) {
      const key = keyOf(endpointId, status);
      got.set(key, (got.get(key) ?? 0) + 1);
    }
    const mayHaveMore = ({ endpointId, status, count }: ClaimOrder) =>
      got.get(keyOf(endpointId, status)) === count;
    const more = new Set(orders.filter(mayHaveMore).map(({ endpointId }) => endpointId));
    for (const want of wants) if (!more.has(want.endpointId)) backlog.delete(want);
  }

  /** Never to be sent: left open, they would be claimed and let go for ever. */
  async function end(deliveryIds: string[]): Promise<void> {
    const [deliveryId] = deliveryIds;
    log.error(
      { deliveries: deliveryIds.length, deliveryId },
      'the events of open deliveries are gone, or their data: these deliveries are cancelled',
    );
    await cancelDeliveries(db, deliveryIds);
  }

  function run(): void {
    if (ticking) return;
    ticking = true;
    between(tick)
      .catch(failed)
      .finally(() => (ticking = false));
  }

  function failed(error: unknown): void {
    wanted = true;
    log.warn({ err: error }, 'nothing could be claimed; it will be tried again');
  }

  function refillSoon(): void {
    if (refillTimer || stopped || backlog.size === 0) return;
    refillTimer = setTimeout(() => {
      // A fault here is no loss: the next tick tries again.
      between(refill)
        .catch(() => {})
        .finally(() => (refillTimer = undefined));
    }, REFILL_EVERY_MS).unref();
  }

  return {
    start() {
      timer = setInterval(run, TICK_MS);
      run();
    },
    nudge() {
      wanted = true;
      if (membership.id !== null) lookSoon();
    },
    left(endpoints) {
      note(endpoints);
      refillSoon();
    },
    onRoom: refillSoon,
    wake: (endpointId) => resting.wake(endpointId),
    wakeAll: () => resting.wakeAll(),
    between,
    async stop() {
      stopped = true;
      clearInterval(timer);
      clearTimeout(refillTimer);
      await queue;
    },
  };
}
