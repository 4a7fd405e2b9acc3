/** Publishes whose COMMIT is carried out, and whose answer is lost on its way: they are tried again, and happen once. */
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAcceptor, type Acceptor } from '../../src/accept/accept.ts';
import type { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import { createdAtMs } from '../../src/ids.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { createPool, type Connections, type Pool, type Queryable } from '../../src/store/pool.ts';
import type { TenantStore } from '../../src/store/tenants.ts';
import { LONGEST_COMMIT_MS } from '../../src/store/open-writers.ts';
import { createDatabase } from '../support/posthorn.ts';
import { until } from '../support/until.ts';

const LOST = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

let pool: Pool;
let acceptor: Acceptor;
let processId: number;
/** How many endpoints the event is for. */
let addressees: number;
/** Answers that are still to be lost, and what happens then. */
let losses: number;
/** Not the answer is lost, but the request: nothing is written. */
let loseBefore: boolean;
let failure: Error;
let onLoss: () => void;
/** Ids that are held for this process, and those it was told to begin with. */
let planned: Set<string>;
let dispatched: string[];
let left: number;

beforeAll(async () => void (pool = createPool(await createDatabase(), 4)));
afterAll(() => pool.end());

beforeEach(async () => {
  await pool.query('TRUNCATE events, deliveries, event_keys');
  processId = 1;
  losses = 1;
  loseBefore = false;
  failure = LOST;
  onLoss = () => {};
  planned = new Set();
  dispatched = [];
  left = 0;
  acceptor = create();
});

function lose(): void {
  if (losses === 0) return;
  losses -= 1;
  onLoss();
  throw failure;
}

function create(): Acceptor {
  const db: Queryable = {
    async query(config) {
      if (!/^insert-(keyed-)?events$/.test(config.name ?? '')) return pool.query(config);
      if (loseBefore) lose();
      const answer = await pool.query(config);
      lose();
      return answer;
    },
  } as Queryable;
  const connections = {
    async connect() {
      const client = await pool.connect();
      const query = async (config: pg.QueryConfig | string) => {
        if (config === 'COMMIT' && loseBefore) lose();
        const answer = await client.query(config as pg.QueryConfig);
        if (config === 'COMMIT') lose();
        return answer;
      };
      return { query, release: (error?: Error) => client.release(error) };
    },
  } as unknown as Connections;
  const dispatcher: Pick<Dispatcher, 'reserve' | 'giveBack' | 'dispatch'> = {
    reserve: ({ deliveryId }) => Boolean(planned.add(deliveryId)),
    giveBack: ({ deliveryId }) => void planned.delete(deliveryId),
    dispatch: (jobs) => void dispatched.push(...jobs.map(({ deliveryId }) => deliveryId)),
  };
  const matching = () => Array.from({ length: addressees }, (_, n) => ({ id: `ep_${n}`, enabled: true }));
  return createAcceptor({
    ...{ db, pool: connections, dispatcher: dispatcher as Dispatcher },
    endpoints: { matching: () => Promise.resolve(matching()) as never },
    tenants: { ensure: () => Promise.resolve() } as unknown as TenantStore,
    catalogue: { mayRefuse: () => false, check: () => Promise.resolve(null) },
    processId: () => processId,
    metrics: createMetrics(),
    onLanes: () => {},
    onLeft: (endpoints) => void (left += endpoints.length),
  });
}

const publish = () =>
  acceptor.publish('t', {
    ...{ id: null, type: 'a.b', dataJson: '{}', timestamp: null, environment: 'production' },
    ...{ prefix: '', orderingKey: null },
  });
const rows = async () =>
  (await pool.query<{ id: string; claimed_by: number }>('SELECT id, claimed_by FROM deliveries ORDER BY id'))
    .rows;

it.each([3, 250])('of %i deliveries are there once, and begun once', async (count) => {
  addressees = count;
  // What is committed and not known to be is held all the while: no sweep takes it for lost.
  let heldMeanwhile = 0;
  onLoss = () => (heldMeanwhile = planned.size);
  const { created, deliveryIds } = await publish();
  expect(created).toBe(true);
  expect((await rows()).map(({ id }) => id)).toEqual(deliveryIds);
  expect(dispatched).toEqual(deliveryIds);
  expect([heldMeanwhile, left]).toEqual([count, 0]);
});

async function expectLeftToOthers(count: number): Promise<void> {
  const { deliveryIds } = await publish();
  expect((await rows()).map(({ id }) => id)).toEqual(deliveryIds);
  // That number is no more: whoever looks for such claims takes them over.
  expect(new Set((await rows()).map((row) => row.claimed_by))).toEqual(new Set([1]));
  expect(dispatched).toEqual([]);
  expect([planned.size, left]).toEqual([0, count]);
}

it.each([3, 250])(
  'of %i deliveries are left to others when this process was taken for dead meanwhile',
  async (count) => {
    addressees = count;
    onLoss = () => (processId = 2);
    await expectLeftToOthers(count);
  },
);

it.each([3, 250])(
  'of %i deliveries, refused at first, claim nothing under a number got since',
  async (count) => {
    addressees = count;
    loseBefore = true;
    onLoss = () => (processId = 2);
    await expectLeftToOthers(count);
  },
);

describe('where replays of what is missing have looked already', () => {
  /** Never set back: ids would stay where they are. */
  let nowMs = Date.now();
  const pass = () => void vi.setSystemTime((nowMs += LONGEST_COMMIT_MS));
  beforeEach(({ onTestFinished }) => {
    vi.useFakeTimers({ toFake: ['Date'], now: nowMs });
    onTestFinished(() => void vi.useRealTimers());
    pass();
  });

  it.each([3, 250])('no event of %i deliveries turns up that has waited for its turn', async (count) => {
    addressees = count;
    losses = 0;
    const lock = await pool.connect();
    await lock.query('BEGIN; LOCK TABLE events IN SHARE MODE');
    const cameAtMs = Date.now();
    const waiting = async () =>
      (
        await pool.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        )
      ).rowCount;
    // As many as are written at a time, and one that waits behind them.
    const atOnce = count > 100 ? 1 : 2;
    const before = [];
    for (let n = 1; n <= atOnce; n += 1) {
      before.push(publish());
      await until(waiting, (found) => found === n);
    }
    const late = publish();
    await new Promise((resolve) => setImmediate(resolve));
    pass();
    await lock.query('COMMIT');
    lock.release();
    await Promise.all(before);
    const { id, created, deliveryIds } = await late;
    expect(created).toBe(true);
    expect(createdAtMs(id)).toBeGreaterThanOrEqual(cameAtMs + LONGEST_COMMIT_MS);
    const { rows: events } = await pool.query('SELECT * FROM events WHERE uid = $1', [id]);
    expect(events).toEqual([expect.objectContaining({ id, created_at: new Date(createdAtMs(id)) })]);
    // When it happened is when it came.
    expect(events[0].timestamp.getTime()).toBeLessThan(cameAtMs + LONGEST_COMMIT_MS);
    for (const deliveryId of deliveryIds)
      expect(createdAtMs(deliveryId)).toBeGreaterThanOrEqual(createdAtMs(id));
    expect(dispatched).toEqual(expect.arrayContaining(deliveryIds));
  });

  it.each([3, 250])(
    'one of %i deliveries is not tried again: nothing of it is there, or held, and what was the matter is said',
    async (count) => {
      addressees = count;
      loseBefore = true;
      failure = Object.assign(new Error('cannot execute INSERT'), { code: '25006' });
      onLoss = pass;
      await expect(publish()).rejects.toThrow('Postgres takes no writes: it is read-only.');
      expect(await rows()).toEqual([]);
      expect((await pool.query('SELECT FROM events')).rowCount).toBe(0);
      expect([planned.size, dispatched]).toEqual([0, []]);
    },
  );

  it.each([3, 250])('one of %i deliveries that was written by then is accepted', async (count) => {
    addressees = count;
    onLoss = pass;
    const { created, deliveryIds } = await publish();
    expect(created).toBe(true);
    expect(dispatched).toEqual(deliveryIds);
    expect((await rows()).map(({ id }) => id)).toEqual(deliveryIds);
  });
});
