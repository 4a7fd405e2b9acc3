/** What a claim takes, and what it costs, with hundreds of thousands of deliveries waiting. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { claimDeliveries } from '../../src/store/claim-deliveries.ts';
import { createPartitionsAhead } from '../../src/store/days-ahead.ts';
import { DAY_MS } from '../../src/store/partitions.ts';
import type { Queryable } from '../../src/store/pool.ts';
import { absentClaimants, releaseClaims } from '../../src/store/release-claims.ts';
import { claimedLongAgo, FIRST_CLAIMED, type ClaimedDelivery } from '../../src/store/stray-deliveries.ts';
import { waitingEndpoints } from '../../src/store/waiting-endpoints.ts';
import { pagesOf as pages } from '../support/plans.ts';
import { createDatabase } from '../support/posthorn.ts';

let pool: pg.Pool;
beforeAll(async () => {
  pool = new pg.Pool({ connectionString: await createDatabase(), max: 2 });
});
afterAll(() => pool.end());

interface Rows {
  endpoint: string;
  count: number;
  events?: number;
  dataBytes?: number;
  claimedBy?: number;
}

/** Pending deliveries of one tenant, spread over so many events of that size. */
async function insert({
  endpoint,
  count,
  events = count,
  dataBytes = 10,
  claimedBy,
}: Rows): Promise<string[]> {
  const eventIds = Array.from({ length: events }, () => newId('evt'));
  const ids = Array.from({ length: count }, () => newId('dlv'));
  await pool.query(
    `INSERT INTO events (tenant_id, uid, id, type, environment, "timestamp", data, created_at)
     SELECT 't', id, id, 'a.b', 'production', now(), repeat('x', $2), now() FROM unnest($1::text[]) AS e (id)`,
    [eventIds, dataBytes],
  );
  await pool.query(
    `INSERT INTO deliveries (id, tenant_id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status, claimed_by,
                             created_at)
     SELECT d.id, 't', d.event_id, d.event_id, $3, 'a.b', 'production', 'schedule', 'pending', $4, now()
       FROM unnest($1::text[], $2::text[]) AS d (id, event_id)`,
    [ids, ids.map((_, n) => eventIds[n % events]), endpoint, claimedBy ?? null],
  );
  return ids;
}

const order = (endpointId: string, count: number) => ({ endpointId, status: 'pending' as const, count });

describe('a claim', () => {
  it('takes the oldest of each endpoint, no more than asked for, and none twice', async () => {
    const [a, b] = [await insert({ endpoint: 'a', count: 30 }), await insert({ endpoint: 'b', count: 5 })];
    const take = async () => {
      const orders = [order('a', 20), order('b', 20)];
      return (await claimDeliveries(pool, { processId: 777_777, orders, maxBytes: 1 << 20 })).jobs.map(
        (job) => job.deliveryId,
      );
    };
    expect((await take()).sort()).toEqual([...a.slice(0, 20), ...b].sort());
    expect(await take()).toEqual(a.slice(20));
    expect(await take()).toEqual([]);
  });

  it('loads an event once for all its deliveries, and weighs it once', async () => {
    await insert({ endpoint: 'fan', count: 1_000, events: 1, dataBytes: 1 << 20 });
    const { jobs } = await claimDeliveries(pool, {
      processId: 777_777,
      orders: [order('fan', 1_000)],
      maxBytes: 8 << 20,
    });
    expect(jobs).toHaveLength(1_000);
    expect(new Set(jobs.map((job) => job.event)).size).toBe(1);
    expect(jobs[0]!.event.data).toHaveLength(1 << 20);
  });

  it('is bounded in bytes, and takes one however large it is', async () => {
    const ids = await insert({ endpoint: 'large', count: 10, dataBytes: 1 << 20 });
    const take = async (maxBytes: number) =>
      (await claimDeliveries(pool, { processId: 777_777, orders: [order('large', 10)], maxBytes })).jobs.map(
        (job) => job.deliveryId,
      );
    expect(await take(3 << 20)).toEqual(ids.slice(0, 3));
    expect(await take(100)).toEqual(ids.slice(3, 4));
  });

  it('tells which have lost their events, or the data of these, and goes on behind them', async () => {
    const dropped = await insert({ endpoint: 'lost', count: 3 });
    const gone = await insert({ endpoint: 'lost', count: 2, events: 1 });
    const kept = await insert({ endpoint: 'lost', count: 2 });
    const eventOf = `(SELECT event_uid FROM deliveries WHERE id = ANY ($1))`;
    await pool.query(`UPDATE events SET data = NULL WHERE uid IN ${eventOf}`, [dropped]);
    await pool.query(`DELETE FROM events WHERE uid IN ${eventOf}`, [gone]);
    const orders = [order('lost', 10)];
    const { jobs, withoutEvent } = await claimDeliveries(pool, {
      ...{ processId: 777_777, orders, maxBytes: 1 << 20 },
    });
    expect(jobs.map(({ deliveryId }) => deliveryId)).toEqual(kept);
    expect(withoutEvent.sort()).toEqual([...dropped, ...gone]);
  });

  it('leaves those of other processes, until they are dead', async () => {
    const { rows } = await pool.query<{ id: number }>(
      `INSERT INTO processes (role) VALUES ('all') RETURNING id`,
    );
    const alive = Number(rows[0]!.id);
    await insert({ endpoint: 'theirs', count: 3, claimedBy: alive });
    await insert({ endpoint: 'nobodys', count: 3, claimedBy: 999_999 });
    const take = async () => {
      const orders = [order('theirs', 10), order('nobodys', 10)];
      return (await claimDeliveries(pool, { processId: 777_777, orders, maxBytes: 1 << 20 })).jobs.length;
    };
    expect(await take()).toBe(0);
    expect(await absentClaimants(pool)).toContain(999_999);
    expect(await absentClaimants(pool)).not.toContain(alive);
    expect(await releaseClaims(pool, [999_999])).toBe(3);
    expect(await take()).toBe(3);
    expect(await releaseClaims(pool, [alive])).toBe(3);
    expect(await take()).toBe(3);
  });
});

const pagesOf = (run: (db: Queryable) => Promise<unknown>) => pages(pool, run);

describe('with 200,000 waiting for one endpoint, and some for 50 others, in a month of partitions', () => {
  beforeAll(async () => {
    // Pages are counted by endpoint: what earlier tests have left waiting is not of these.
    await pool.query('TRUNCATE deliveries');
    for (let day = -28; day <= 0; day += 4)
      await createPartitionsAhead(pool, new Date(Date.now() + day * DAY_MS));
    for (let n = 0; n < 10; n += 1) await insert({ endpoint: 'ep_full', count: 20_000, events: 1 });
    for (let n = 0; n < 50; n += 1) await insert({ endpoint: `ep_other_${n}`, count: 10 });
    // Delivered long ago: most of the table.
    await pool.query(
      `INSERT INTO deliveries (id, tenant_id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status, workflow_id,
                               created_at)
       SELECT 'dlv_0' || n, 't', 'evt_0', 'evt_0', 'ep_other_' || n % 50, 'a.b', 'production', 'schedule', 'succeeded', 'w', now()
         FROM generate_series(1, 100000) n`,
    );
    await pool.query('VACUUM ANALYZE deliveries');
    await pool.query('VACUUM ANALYZE events');
  }, 120_000);

  it('endpoints are found, and claims made, through a few pages', async () => {
    const look = { afterId: 'ep_', limit: 200 };
    const yesterday = new Date(Date.now() - DAY_MS);
    expect(await pagesOf((db) => waitingEndpoints(db, { ...look, since: yesterday }))).toBeLessThan(51 * 80);
    // Of each day without any, the first pages of its index.
    expect(await pagesOf((db) => waitingEndpoints(db, { ...look, since: null }))).toBeLessThan(51 * 100);
    const orders = Array.from({ length: 50 }, (_, n) => order(`ep_other_${n}`, 10));
    const claimed = await pagesOf((db) =>
      claimDeliveries(db, { processId: 777_777, orders, maxBytes: 1 << 20 }),
    );
    // Some 50 pages for each delivery: it is looked up, locked, and written into every index.
    expect(claimed).toBeLessThan(500 * 100);
    const one = [order('ep_full', 10)];
    expect(
      await pagesOf((db) => claimDeliveries(db, { processId: 777_777, orders: one, maxBytes: 1 << 20 })),
    ).toBeLessThan(1_000);
    const none = [order('ep_none', 10)];
    expect(
      await pagesOf((db) => claimDeliveries(db, { processId: 777_777, orders: none, maxBytes: 1 << 20 })),
    ).toBeLessThan(150);
    expect(await pagesOf((db) => absentClaimants(db))).toBeLessThan(300);
  });

  it('what a process has claimed is looked through page by page, past what lies in memory', async () => {
    await pool.query(
      `UPDATE deliveries SET claimed_by = 5 WHERE id = ANY (ARRAY (
         SELECT id FROM deliveries WHERE endpoint_id = 'ep_full' ORDER BY id LIMIT 3000))`,
    );
    const look = { processId: 5, olderThanId: 'dlv_g', limit: 1_000 };
    const seen = new Set<string>();
    for (let after: ClaimedDelivery | undefined = FIRST_CLAIMED; after;) {
      const page: ClaimedDelivery[] = await claimedLongAgo(pool, { ...look, after });
      for (const { id } of page) seen.add(id);
      after = page.at(-1);
    }
    expect(seen.size).toBe(3_000);
    const after = { endpointId: 'ep_full', id: [...seen][1_500]! };
    expect(await pagesOf((db) => claimedLongAgo(db, { ...look, after }))).toBeLessThan(2_000);
  });
});
