import { createBatcher, type BatcherOptions } from '../batcher.ts';
import type { AttemptTrigger, Ordering } from '../domain.ts';
import { createdAtMs, MAX_AHEAD_MS, newId } from '../ids.ts';
import { findAccepted } from '../store/find-accepted.ts';
import { insertDeliveries } from '../store/insert-deliveries.ts';
import { insertEvents, type NewDelivery, type NewEvent } from '../store/insert-events.ts';
import type { EnteredLane } from '../store/lane-places.ts';
import type { Connections, Queryable } from '../store/pool.ts';
import { transaction } from '../store/transaction.ts';
import type { BatchTurn } from './batch-order.ts';
import { PATIENCE_MS, type Caller, type Patience } from './patience.ts';

/** An endpoint that an event is for. */
export interface Addressee {
  id: string;
  enabled: boolean;
  ordering: Ordering;
}

/** An event to be written. Its deliveries are made when its turn comes: until then a large fan-out takes no memory. */
export interface Publication extends NewEvent {
  to: Addressee[];
  trigger: AttemptTrigger;
  caller: Caller;
  /** Its turn has come once: its id and those of its deliveries stay. */
  isPlanned: boolean;
  /** Why it could not be written the last time. */
  failure: unknown;
  /** After that it was not tried again, having become too old. */
  isTooOld: boolean;
  /** Of an event that came in a batch. */
  turn: BatchTurn | undefined;
}

/** Writes an event with all its deliveries, or nothing. False: its id or idempotency key was there already. */
export type WriteEvent = (item: Publication) => Promise<boolean>;

export interface EventWriterDeps {
  db: Queryable;
  /** For transactions. */
  pool: Connections;
  processId(): number | null;
  plan(item: Publication): NewDelivery[];
  patience: Pick<Patience, 'tryOn' | 'written'>;
  /** Whether what is there already is of an earlier try to write this. */
  wroteIt(item: NewEvent): Promise<boolean>;
  /** Something was accepted into these lanes. */
  onLanes(lanes: EnteredLane[]): void;
  onGroup(events: number): void;
}

/** An event with more deliveries than this is written by itself: a group commit must not wait for it. */
const LARGE_FAN_OUT = 100;
/** Deliveries in one statement of such an event: each takes a fraction of a second, however many there are. */
const CHUNK = 1_000;
const EVENT_BYTES = 500;
/** What a delivery weighs in a group, so that it holds some 2,000 of them at most: more take a second. */
const DELIVERY_BYTES = 4_000;
/** What waits of a large fan-out is a list of endpoints that the cache holds. */
const REFERENCE_BYTES = 8;

/** An event that has waited longer for its turn gets an id of then. */
const MAX_WAITED_MS = 1_000;

/** Undoes the deliveries of an event that another has written meanwhile. */
class AlreadyThere extends Error {}
/** Its turn came too late. */
class NotWanted extends Error {}

export const isLarge = ({ to }: Publication): boolean => to.length > LARGE_FAN_OUT;
/** An endpoint of it is `fifo`. A test goes beside its lane, which may be waiting for days. */
export const isOrdered = ({ to, trigger }: Publication): boolean =>
  trigger !== 'test' && to.some(({ ordering }) => ordering === 'fifo');

/**
 * Queues, each in turns by tenant: group commits for most events; one at a time for those with a large fan-out; and groups
 * one after the other for what goes into lanes. Those wait for the locks of their lanes, and keep their order while
 * Postgres is away: nobody else is to wait for that.
 */
export function createEventWriter({
  db,
  pool,
  processId,
  plan,
  patience,
  ...deps
}: EventWriterDeps): WriteEvent {
  /** Once: when a write is tried again, its rows are to be known by their ids, and claimed under the same number. */
  function planned(item: Publication): Publication {
    if (item.isPlanned) return item;
    item.isPlanned = true;
    // Or one of now, where the clock was set back: a delivery is never older than its event.
    if (ageMs(item) > MAX_WAITED_MS || ageMs(item) < -MAX_AHEAD_MS) renewId(item);
    item.deliveries = plan(item);
    item.claimedBy = processId();
    return item;
  }

  const grouped = {
    maxItems: 250,
    maxWeight: 8 << 20,
    weigh: ({ event, to }: Publication) => event.data.length + EVENT_BYTES + to.length * DELIVERY_BYTES,
    turn: tenantOf,
    keys: keysOf,
    maxWaitingItems: 20_000,
    maxWaitingWeight: 128 << 20,
    onGroup: deps.onGroup,
  } satisfies Partial<BatcherOptions<Publication, boolean>>;
  const groups = createBatcher({ ...grouped, concurrency: 2, run: insertGroup });
  const ordered = createBatcher({ ...grouped, concurrency: 1, run: insertInOrder });
  const fanOuts = createBatcher<Publication, boolean>({
    maxItems: 1,
    weigh: ({ event, to }) => event.data.length + EVENT_BYTES + to.length * REFERENCE_BYTES,
    turn: tenantOf,
    concurrency: 1,
    maxWaitingItems: 2_000,
    maxWaitingWeight: 128 << 20,
    run: async ([item]) => [await insertFanOut(item!)],
    onGroup: deps.onGroup,
  });

  async function insertGroup(group: Publication[]): Promise<boolean[]> {
    const wanted = group.filter(isWanted);
    if (wanted.length === 0) return group.map(() => false);
    const { isNew, lanes } = await noted(wanted, () => insertEvents(db, wanted.map(planned)));
    patience.written();
    deps.onLanes(lanes);
    const written = new Set(wanted.filter((_, index) => isNew[index]));
    return group.map((item) => written.has(item));
  }

  /** A group that could not be written is tried again before the next one. */
  function insertInOrder(group: Publication[]): Promise<boolean[]> {
    return patience.tryOn(async (again) => {
      const isNew = await insertGroup(group);
      return again ? Promise.all(group.map(async (item, n) => isNew[n]! || deps.wroteIt(item))) : isNew;
    });
  }

  /**
   * In a transaction of its own, in several statements. The event goes last: whoever writes one with the same id or key
   * meanwhile, a group commit say, waits for that moment only. So do those who accept into the lanes, which come last but
   * one, in the order in which everybody locks them.
   */
  async function insertFanOut(item: Publication): Promise<boolean> {
    const { event, idempotencyKey } = item;
    if (!isWanted(item) || (await findAccepted(db, event.tenantId, event.id, idempotencyKey))) return false;
    try {
      deps.onLanes(await noted([item], () => transaction(pool, (client) => writeParts(client, item))));
      return true;
    } catch (error) {
      if (error instanceof AlreadyThere || error instanceof NotWanted) return false;
      throw error;
    }
  }

  async function writeParts(client: Queryable, item: Publication): Promise<EnteredLane[]> {
    // Here, and each time: however long it takes from now on, others see since when it is open.
    if (!isWanted(item)) throw new NotWanted();
    const deliveries = lanesLast(planned(item).deliveries);
    const lanes: EnteredLane[] = [];
    for (let from = 0; from < deliveries.length; from += CHUNK) {
      const part = deliveries.slice(from, from + CHUNK);
      lanes.push(...(await noted([item], () => insertDeliveries(client, item, part))));
      patience.written();
    }
    const { isNew } = await noted([item], () => insertEvents(client, [{ ...item, deliveries: [] }]));
    if (!isNew[0]) throw new AlreadyThere();
    return lanes;
  }

  /** Each queue keeps its order, but not with the other. */
  async function writeInTurn(item: Publication): Promise<boolean> {
    const { turn } = item;
    if (isLarge(item)) {
      await turn?.alone();
      return fanOuts.submit(item);
    }
    await turn?.queue();
    const written = ordered.submit(item);
    turn?.queued();
    return written;
  }

  return (item) => {
    if (isOrdered(item)) return writeInTurn(item);
    item.turn?.over();
    return (isLarge(item) ? fanOuts : groups).submit(item);
  };
}

function lanesLast(deliveries: NewDelivery[]): NewDelivery[] {
  const inLanes = deliveries.filter(({ laneKey }) => laneKey !== undefined);
  if (inLanes.length === 0) return deliveries;
  inLanes.sort((a, b) => (a.endpointId < b.endpointId ? -1 : 1));
  return [...deliveries.filter(({ laneKey }) => laneKey === undefined), ...inLanes];
}

const ageMs = ({ uid }: NewEvent): number => Date.now() - createdAtMs(uid);

/**
 * Whoever looks for events by their age, as replays do, must be able to rely on it that no old one turns up any more
 * (open-writers.ts): so what is tried again may not wait for its turn again for long.
 */
function isWanted(item: Publication): boolean {
  item.isTooOld ||= item.isPlanned && ageMs(item) > PATIENCE_MS;
  return !item.caller.gone && !item.isTooOld;
}

/** Keeps why these could not be written: when they are too old to be tried again, that is what their callers are told. */
async function noted<T>(items: Publication[], write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof AlreadyThere || error instanceof NotWanted))
      for (const item of items) item.failure = error;
    throw error;
  }
}

/** For the same reason. The caller has not been told the old one yet. */
function renewId(item: Publication): void {
  const { event, uid } = item;
  item.uid = newId('evt');
  item.createdAt = new Date(createdAtMs(item.uid));
  if (event.id === uid) event.id = item.uid;
}

const tenantOf = ({ event }: NewEvent): string => event.tenantId;

const keysOf = ({ event, idempotencyKey }: NewEvent): string[] => [
  `id ${event.tenantId} ${event.id}`,
  ...(idempotencyKey ? [`key ${event.tenantId} ${idempotencyKey}`] : []),
];
