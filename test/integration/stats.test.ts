/** Statistics: every attempt counts once and at once, whoever writes it and however often. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStatsActivities } from '../../activities/stats.ts';
import { newId } from '../../src/ids.ts';
import { foldStats as foldSome } from '../../src/store/fold-stats.ts';
import { DAY_MS } from '../../src/store/partitions.ts';
import { createPool, type Pool } from '../../src/store/pool.ts';
import { moveOnUnlogged, recordAttempts, type AttemptRecord } from '../../src/store/record-attempts.ts';
import { statsSchedule } from '../../src/temporal/names.ts';
import { foldStats } from '../../workflows/fold-stats.ts';
import { attemptRecord } from '../support/attempt-record.ts';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();
let db: Pool;
beforeAll(async () => {
  // By hand only: nobody else folds what a test wants to see unfolded.
  await rig.temporal.schedule.getHandle(statsSchedule(rig.config.taskQueue)).pause();
  db = createPool(rig.databaseUrl, 4, 'kept');
});
afterAll(() => db.end());

async function stats(tenant: string, path: string): Promise<Json> {
  const answer = await rig.call('GET', `/v1/tenants/${tenant}/${path}`);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}

async function foldAll(): Promise<number> {
  let attempts = 0;
  for (;;) {
    const folded = await foldSome(db);
    if (folded.groups === 0) return attempts;
    attempts += folded.attempts;
  }
}

interface Made {
  ms?: number;
  atMs?: number;
  code?: number | null;
  errorClass?: AttemptRecord['outcome']['errorClass'];
}

/** Rows of deliveries, and the records of an attempt of each. */
async function attempts(tenant: string, endpointId: string, made: Made[]): Promise<AttemptRecord[]> {
  const records = made.map(({ ms = 1, atMs = Date.now(), code = 200, errorClass = null }) => {
    const record = attemptRecord(newId('dlv'), errorClass ? 'failed' : 'succeeded');
    const outcome = { ...record.outcome, durationMs: ms, startedAtMs: atMs, statusCode: code, errorClass };
    return { ...record, tenantId: tenant, endpointId, outcome };
  });
  await db.query({
    text: `INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status,
                                   created_at)
           SELECT $1, id, 'evt_x', 'x', $2, 'a.b', 'production', 'schedule', 'pending', now() FROM unnest($3::text[]) id`,
    values: [tenant, endpointId, records.map((record) => record.deliveryId)],
  });
  return records;
}

/** An endpoint that nothing is sent to. */
async function quietEndpoint(tenant: string): Promise<string> {
  return (await rig.endpoint(tenant, `/${randomUUID()}`, { enabled: false })).id;
}

describe('the statistics of an endpoint', () => {
  it('say how many attempts there were, what they came to and how long they took, at once and after folding', async () => {
    const tenant = newTenant();
    const answers = [200, 500, 503];
    rig.receiver.answerAt(`/${tenant}`, (_request, response) =>
      response.writeHead(answers.shift() ?? 204).end(),
    );
    const { id } = await rig.endpoint(tenant, `/${tenant}`, { retry_schedule_seconds: [0, 0] });
    const [first] = (await rig.publish(tenant)).delivery_ids;
    await rig.settled(tenant, first!, 'succeeded');
    const [second] = (await rig.publish(tenant)).delivery_ids;
    await rig.settled(tenant, second!, 'succeeded');
    const expected = {
      ...{ attempts: 4, delivered: 2, failed: 2, success_rate: 0.5 },
      ...{ status_codes: { 200: 1, 204: 1, 500: 1, 503: 1 }, error_classes: { http: 2 } },
      duration_ms: { p50: expect.any(Number), p95: expect.any(Number), p99: expect.any(Number) },
    };
    const before = await stats(tenant, `endpoints/${id}/stats`);
    expect(before).toMatchObject({ interval: 'hour', total: expected });
    expect(before.data).toHaveLength(24);
    expect(before.data.reduce((sum: number, hour: Json) => sum + hour.attempts, 0)).toBe(4);
    expect(before.data[0]).toMatchObject({ attempts: 0, success_rate: null, status_codes: {} });
    await foldAll();
    for (const path of [`endpoints/${id}/stats`, 'stats']) expect(await stats(tenant, path)).toEqual(before);
    expect((await stats(tenant, `endpoints/${id}/stats?interval=day`)).data.at(-1)).toMatchObject(expected);
    // Half of it is folded, half is not.
    const [third] = (await rig.publish(tenant)).delivery_ids;
    await rig.settled(tenant, third!, 'succeeded');
    expect((await stats(tenant, `endpoints/${id}/stats`)).total).toMatchObject({ attempts: 5, delivered: 3 });
  });

  it('tell percentiles within a tenth of what they are', async () => {
    const tenant = newTenant();
    const id = await quietEndpoint(tenant);
    const made = Array.from({ length: 200 }, (_, n) => ({ ms: (n + 1) * 5 }));
    await recordAttempts(db, await attempts(tenant, id, made));
    await foldAll();
    const { duration_ms: told } = (await stats(tenant, `endpoints/${id}/stats`)).total;
    for (const [name, exact] of [
      ['p50', 500],
      ['p95', 950],
      ['p99', 990],
    ] as const)
      expect(Math.abs(told[name] - exact) / exact, name).toBeLessThan(0.1);
  });

  it('count in the hour and the day in which an attempt began, also when it is written late', async () => {
    const tenant = newTenant();
    const id = await quietEndpoint(tenant);
    const day = Math.floor(Date.now() / DAY_MS) * DAY_MS - 2 * DAY_MS;
    const times = [day, day + 3_599_999, day + 3_600_000, day - 1];
    await recordAttempts(
      db,
      await attempts(
        tenant,
        id,
        times.map((atMs) => ({ atMs })),
      ),
    );
    await foldAll();
    const from = new Date(day).toISOString();
    const to = new Date(day + 2 * 3_600_000).toISOString();
    const { data } = await stats(tenant, `endpoints/${id}/stats?from=${from}&to=${to}`);
    expect(data.map((hour: Json) => [hour.start, hour.attempts])).toEqual([
      [from, 2],
      [new Date(day + 3_600_000).toISOString(), 1],
    ]);
    const days = await stats(tenant, `stats?interval=day`);
    expect(days.data.slice(-4).map((one: Json) => one.attempts)).toEqual([1, 3, 0, 0]);
  });

  it('stay when it is deleted, its own and in those of its tenant', async () => {
    const { tenant, endpoint } = await rig.deliver(200, 'succeeded');
    await rig.call('DELETE', `/v1/tenants/${tenant}/endpoints/${endpoint.id}`);
    await foldAll();
    expect((await stats(tenant, 'stats')).total.attempts).toBe(1);
    expect((await stats(tenant, `endpoints/${endpoint.id}/stats`)).total.attempts).toBe(1);
  });
});

describe('an attempt counts once', () => {
  it('when it is written again, in the same group or by others, in the log or past it', async () => {
    const tenant = newTenant();
    const id = await quietEndpoint(tenant);
    const records = await attempts(
      tenant,
      id,
      Array.from({ length: 20 }, () => ({})),
    );
    await recordAttempts(db, records.slice(0, 10));
    await recordAttempts(db, records);
    await Promise.all([recordAttempts(db, records), recordAttempts(db, records.toReversed())]);
    await foldAll();
    await recordAttempts(db, records);
    expect(await foldAll()).toBe(0);
    const [unlogged] = await attempts(tenant, id, [{ code: null, errorClass: 'timeout' }]);
    await moveOnUnlogged(db, unlogged!);
    await moveOnUnlogged(db, unlogged!);
    const { total } = await stats(tenant, `endpoints/${id}/stats`);
    expect(total).toMatchObject({ attempts: 21, failed: 1, error_classes: { timeout: 1 } });
  });

  it('when several fold at once, while others write', async () => {
    await foldAll();
    const tenant = newTenant();
    const ids = await Promise.all([1, 2, 3].map(() => quietEndpoint(tenant)));
    const groups = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        attempts(tenant, ids[n % 3]!, [{}, { code: 500, errorClass: 'http' }]),
      ),
    );
    const write = async (own: AttemptRecord[][]) => {
      for (const group of own) await recordAttempts(db, group);
    };
    let folded = 0;
    const fold = async () => {
      for (let n = 0; n < 10; n += 1) {
        const { attempts: more } = await foldSome(db);
        folded += more;
      }
    };
    await Promise.all([write(groups.slice(0, 30)), write(groups.slice(30)), fold(), fold()]);
    folded += await foldAll();
    expect(folded).toBe(120);
    expect((await stats(tenant, 'stats')).total).toMatchObject({ attempts: 120, failed: 60 });
    const page = await stats(tenant, 'stats?by=endpoint');
    expect(page.data.map((one: Json) => one.total.attempts)).toEqual([40, 40, 40]);
  });

  it('and none whose numbers are none stops the counting', async () => {
    const tenant = newTenant();
    const id = await quietEndpoint(tenant);
    const durations = [Number.NaN, Infinity, -1, 0, 1e30, 1e9];
    await recordAttempts(
      db,
      await attempts(
        tenant,
        id,
        durations.map((ms) => ({ ms })),
      ),
    );
    expect(await foldAll()).toBe(6);
    expect((await stats(tenant, `endpoints/${id}/stats`)).total.attempts).toBe(6);
  });
});

it('a page of endpoints has each with its sums and a number for each hour', async () => {
  const tenant = newTenant();
  const ids = [await quietEndpoint(tenant), await quietEndpoint(tenant), await quietEndpoint(tenant)];
  const failed = { code: null, errorClass: 'timeout' as const };
  await recordAttempts(db, await attempts(tenant, ids[0]!, [{}, failed, { atMs: Date.now() - 3_600_000 }]));
  await recordAttempts(db, await attempts(tenant, ids[2]!, [failed]));
  const first = await stats(tenant, 'stats?by=endpoint&limit=2');
  expect(first.starts).toHaveLength(24);
  expect(first.data.map((one: Json) => one.endpoint_id)).toEqual(ids.slice(0, 2));
  expect(first.data[0]).toMatchObject({ total: { attempts: 3, failed: 1 } });
  expect(first.data[0].attempts.slice(-2)).toEqual([1, 2]);
  expect(first.data[0].failed.slice(-2)).toEqual([0, 1]);
  expect(first.data[1].attempts).toEqual(Array(24).fill(0));
  const rest = await stats(tenant, `stats?by=endpoint&limit=2&cursor=${first.next_cursor}`);
  expect(rest.data).toMatchObject([{ endpoint_id: ids[2], total: { success_rate: 0 } }]);
  expect(rest.next_cursor).toBeNull();
});

it('a schedule starts the folding, which a workflow does', async () => {
  const { taskQueue } = rig.config;
  await foldAll();
  await rig.deliver(200, 'succeeded');
  const workflowId = `fold-${taskQueue}`;
  const result = await rig.temporal.workflow.execute(foldStats, { taskQueue, workflowId });
  expect(result).toEqual({ attempts: 1, more: false });
  const schedule = await rig.temporal.schedule.getHandle(statsSchedule(taskQueue)).describe();
  expect(schedule.action).toMatchObject({ workflowType: 'foldStats', taskQueue });
  expect(schedule.spec.intervals).toMatchObject([{ every: 60_000 }]);
});

it('nothing is added to a tenant that is being deleted, and what is left of it goes', async () => {
  const { tenant } = await rig.deliver(200, 'succeeded');
  await foldAll();
  await rig.publish(tenant);
  await until(
    () => stats(tenant, 'stats'),
    (found) => found.total.attempts === 2,
  );
  await rig.call('DELETE', `/v1/tenants/${tenant}`);
  const rows = () => rig.sql('SELECT FROM stats WHERE tenant_id = $1', tenant);
  await until(rows, (found) => found.length === 0);
  await foldAll();
  expect(await rows()).toEqual([]);
});

it('are deleted when they are over their time: by the hour sooner than by the day', async () => {
  const tenant = newTenant();
  const id = await quietEndpoint(tenant);
  const ages = [401, 399, 101, 99, 0];
  const made = ages.map((days) => ({ atMs: Date.now() - days * DAY_MS - 60_000 }));
  await recordAttempts(db, await attempts(tenant, id, made));
  await foldAll();
  const { endStats } = createStatsActivities({ db, statsRetentionDays: 400 });
  await new MockActivityEnvironment().run(() => endStats());
  const kept = await rig.sql(
    `SELECT per, count(*)::int AS n FROM stats WHERE tenant_id = $1 AND endpoint_id = $2 GROUP BY per ORDER BY per`,
    tenant,
    id,
  );
  expect(kept).toEqual([
    { per: 'day', n: 4 },
    { per: 'hour', n: 2 },
  ]);
});

it('what is asked for wrongly is refused by field', async () => {
  const tenant = newTenant();
  const id = await quietEndpoint(tenant);
  const future = new Date(Date.now() + 2 * DAY_MS).toISOString();
  const wrong: [query: string, field: string][] = [
    ['interval=week', 'interval'],
    ['from=yesterday', 'from'],
    [`from=${future}`, 'from'],
    [`to=${future}`, 'to'],
    ['from=2026-05-02&to=2026-05-01', 'from'],
    ['from=2026-05-01&to=2026-06-30', 'from'],
    ['interval=day&from=2020-01-01&to=2026-01-01', 'from'],
    ['since=2026-05-01', 'since'],
  ];
  for (const [query, field] of wrong)
    for (const path of [`endpoints/${id}/stats`, 'stats'])
      expectProblem(await rig.call('GET', `/v1/tenants/${tenant}/${path}?${query}`), 422, field);
  for (const [query, field] of [
    ['by=tenant', 'by'],
    ['limit=5', 'limit'],
    ['by=endpoint&limit=0', 'limit'],
    ['by=endpoint&cursor=x', 'cursor'],
    ['by=endpoint&interval=day&from=2026-01-01&to=2026-06-01', 'from'],
  ] as const)
    expectProblem(await rig.call('GET', `/v1/tenants/${tenant}/stats?${query}`), 422, field);
  expectProblem(await rig.call('GET', `/v1/tenants/${tenant}/endpoints/ep_none/stats`), 404);
  expectProblem(await rig.call('GET', `/v1/tenants/${newTenant()}/endpoints/${id}/stats`), 404);
});
