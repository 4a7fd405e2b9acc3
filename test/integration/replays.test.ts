/** Events that are sent again: which of them, how they look, what may be done on the way, and what is refused. */
import { beforeAll, expect, test } from 'vitest';
import { createPool } from '../../src/store/pool.ts';
import { LONGEST_COMMIT_MS } from '../../src/store/open-writers.ts';
import { countReplayed } from '../../src/store/replay-counts.ts';
import { describe, it } from '../support/concurrent.ts';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();

const minuteAgo = () => new Date(Date.now() - 60_000).toISOString();
/** What is missing up to then is known at once: no commit may come any more. */
const SEEN_MS = LONGEST_COMMIT_MS + 2_000;

/** As if its events had been published before that. */
async function makeOld(tenant: string): Promise<void> {
  const older = (uid: string) =>
    `'evt_' || lpad(to_hex(('x0000' || substr(${uid}, 5, 12))::bit(64)::bigint - ${2 * SEEN_MS}), 12, '0') || substr(${uid}, 17)`;
  await rig.sql(`UPDATE events SET uid = ${older('uid')} WHERE tenant_id = $1`, tenant);
  await rig.sql(`UPDATE deliveries SET event_uid = ${older('event_uid')} WHERE tenant_id = $1`, tenant);
}

interface Stage {
  tenant: string;
  path: string;
  endpoint: Json;
  replay(body?: object): Promise<Json>;
  dryRun(body?: object): Promise<Json>;
  get(id: string): Promise<Json>;
  order(id: string, what: string): ReturnType<typeof rig.call>;
  ended(id: string): Promise<Json>;
}

/** An endpoint that fails for good at once, with so many events that did. */
async function failing(count: number, settings: object = {}): Promise<Stage> {
  const tenant = newTenant();
  const path = `/${tenant}`;
  rig.receiver.answerAt(path, 500);
  const endpoint = await rig.endpoint(tenant, path, { max_retries: 0, ...settings });
  const stage = stageOf(tenant, path, endpoint);
  const published = [];
  for (let n = 0; n < count; n += 1)
    published.push(await rig.publish(tenant, { data: { n, big: 12345678901234567890n.toString() } }));
  for (const { delivery_ids: ids } of published) await rig.settled(tenant, ids[0]!, 'failed');
  rig.receiver.answerAt(path, 200);
  return stage;
}

function stageOf(tenant: string, path: string, endpoint: Json): Stage {
  const base = `/v1/tenants/${tenant}/replays`;
  const post = async (body: object, status: number) => {
    const answer = await rig.call('POST', base, { endpoint_id: endpoint.id, since: minuteAgo(), ...body });
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
    return answer.body;
  };
  const get = async (id: string) => (await rig.call('GET', `${base}/${id}`)).body;
  return {
    ...{ tenant, path, endpoint, get },
    replay: (body = {}) => post(body, 202),
    dryRun: (body = {}) => post({ dry_run: true, ...body }, 200),
    order: (id, what) => rig.call('POST', `${base}/${id}/${what}`),
    ended: (id) =>
      until(
        () => get(id),
        (found) => found.completed_at !== null,
      ),
  };
}

const bodies = (path: string) => rig.receiver.at(path).map(({ body }) => body);

describe('a replay', () => {
  it('sends what failed once more, with the same id and bytes, in the order in which it came', async () => {
    const stage = await failing(5, { max_in_flight: 1 });
    const first = rig.receiver.at(stage.path);
    expect(await stage.dryRun()).toMatchObject({ dry_run: true, total: 5, skipped: 0, is_complete: true });
    const begun = await stage.replay();
    expect(begun).toMatchObject({
      kind: 'failed',
      statuses: ['failed'],
      status: 'running',
      per_second: null,
    });
    const counts = { total: 5, done: 5, succeeded: 5, failed: 0, cancelled: 0, open: 0, skipped: 0 };
    expect(await stage.ended(begun.id)).toMatchObject({ status: 'completed', ...counts });
    const again = rig.receiver.at(stage.path).slice(first.length);
    const whole = ({ body, headers }: (typeof first)[number]) => [headers['webhook-id'], body];
    expect(again.map(whole)).toEqual(first.map(whole));
    const { body } = await rig.call('GET', `/v1/tenants/${stage.tenant}/deliveries?replay_id=${begun.id}`);
    expect(body.data).toHaveLength(5);
    const one = await rig.delivery(stage.tenant, body.data[0].id);
    expect(one).toMatchObject({ trigger: 'replay', replay_id: begun.id, status: 'succeeded' });
    expect(one.attempts[0].trigger).toBe('replay');
    expect(await rig.workflowResult(begun.workflow_id)).toMatchObject({ total: 5, succeeded: 5 });
  });

  it('leaves out what has arrived since, by a replay before it or by hand, and what it sent again and is failing', async () => {
    const stage = await failing(3);
    const [oldest] = (
      await rig.sql(`SELECT min(id) AS id FROM deliveries WHERE endpoint_id = $1`, stage.endpoint.id)
    ).map(({ id }) => id);
    await rig.call('POST', `/v1/tenants/${stage.tenant}/deliveries/${oldest}/retry`);
    await rig.settled(stage.tenant, oldest, 'succeeded');
    rig.receiver.answerAt(stage.path, 500);
    expect(await stage.ended((await stage.replay()).id)).toMatchObject({ total: 2, failed: 2, succeeded: 0 });
    rig.receiver.answerAt(stage.path, 200);
    // Twice failed each, and once more is enough.
    expect(await stage.ended((await stage.replay()).id)).toMatchObject({ total: 2, failed: 0, succeeded: 2 });
    expect(await stage.dryRun()).toMatchObject({ total: 0 });
    expect(await stage.ended((await stage.replay()).id)).toMatchObject({
      status: 'completed',
      total: 0,
      done: 0,
    });
  });

  it('of all sends each event once, whatever became of it', async () => {
    const stage = await failing(2);
    const { delivery_ids: ids } = await rig.publish(stage.tenant);
    await rig.settled(stage.tenant, ids[0]!, 'succeeded');
    await stage.ended((await stage.replay()).id);
    const before = rig.receiver.at(stage.path).length;
    expect(await stage.dryRun({ kind: 'all', statuses: ['failed'] })).toMatchObject({ total: 2 });
    expect(await stage.ended((await stage.replay({ kind: 'all' })).id)).toMatchObject({
      total: 3,
      succeeded: 3,
    });
    expect(rig.receiver.at(stage.path)).toHaveLength(before + 3);
  });

  it('of what is missing sends events that fit the endpoint now and were never for it, but no test events', async () => {
    const tenant = newTenant();
    const other = await rig.endpoint(tenant, `/${tenant}-other`, { events: ['a.*'] });
    await rig.publish(tenant, { type: 'a.b', data: { n: 1 } });
    await rig.publish(tenant, { type: 'b.c', data: { n: 2 } });
    await rig.publish(tenant, { type: 'b.d', data: { n: 3 }, environment: 'staging' });
    await rig.call('POST', `/v1/tenants/${tenant}/endpoints/${other.id}/test`, { type: 'b.test' });
    const endpoint = await rig.endpoint(tenant, `/${tenant}`, { events: ['a.b', 'b.*'] });
    await rig.publish(tenant, { type: 'b.e', data: { n: 4 } });
    await rig.calls(`/${tenant}`, 1);
    await makeOld(tenant);
    const stage = stageOf(tenant, `/${tenant}`, endpoint);
    const missing = { kind: 'missing', until: new Date(Date.now() - SEEN_MS).toISOString() };
    expect(await stage.dryRun(missing)).toMatchObject({ total: 2, statuses: [] });
    expect(await stage.dryRun({ ...missing, event_types: ['b.*'] })).toMatchObject({ total: 1 });
    const { id } = await stage.replay(missing);
    expect(await stage.ended(id)).toMatchObject({ total: 2, succeeded: 2 });
    expect(bodies(stage.path).map((body) => JSON.parse(body).data.n)).toEqual([4, 1, 2]);
    expect(await stage.dryRun(missing)).toMatchObject({ total: 0 });
  });

  it('counts what is too old to be sent, and sends the rest', async () => {
    const stage = await failing(3);
    await rig.sql(
      `UPDATE events SET data = NULL WHERE uid = (SELECT max(event_uid) FROM deliveries WHERE endpoint_id = $1)`,
      stage.endpoint.id,
    );
    expect(await stage.dryRun()).toMatchObject({ total: 2, skipped: 1 });
    expect(await stage.ended((await stage.replay()).id)).toMatchObject({
      total: 2,
      succeeded: 2,
      skipped: 1,
    });
  });

  // Many rows at once, beside which others would wait.
  test.sequential('counts beforehand over many pages what it would send', async () => {
    const tenant = newTenant();
    const endpoint = await rig.endpoint(tenant, `/${tenant}`, { enabled: false });
    // Of 2,600 every fifth is too old, and every thirteenth was sent again since, and has arrived.
    const beganAtMs = Date.now() - 8_000;
    const id = (prefix: string, n: string) =>
      `'${prefix}_' || lpad(to_hex(${beganAtMs} + (${n})), 12, '0') || lpad((${n})::text, 20, '0')`;
    await rig.sql(
      `INSERT INTO events (tenant_id, uid, id, type, environment, "timestamp", data, created_at)
       SELECT $1, ${id('evt', 'n')}, ${id('evt', 'n')}, 'a.b', 'production', now(), CASE WHEN n % 5 > 0 THEN '{}' END, now()
         FROM generate_series(1, 2600) n`,
      tenant,
    );
    const deliveries = (n: string, status: string, where: string) =>
      `INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status, created_at)
       SELECT $1, ${id('dlv', n)}, ${id('evt', 'n')}, ${id('evt', 'n')}, $2, 'a.b', 'production', 'schedule', '${status}', now()
         FROM generate_series(1, 2600) n WHERE ${where}`;
    await rig.sql(deliveries('n', 'failed', 'true'), tenant, endpoint.id);
    await rig.sql(deliveries('n + 3000', 'succeeded', 'n % 13 = 0'), tenant, endpoint.id);
    const stage = stageOf(tenant, `/${tenant}`, endpoint);
    const open = Array.from({ length: 2_600 }, (_, at) => at + 1).filter((n) => n % 13 !== 0);
    const tooOld = open.filter((n) => n % 5 === 0).length;
    expect(await stage.dryRun()).toMatchObject({
      ...{ total: open.length - tooOld, skipped: tooOld, is_complete: true },
    });
    // Each event once, whatever became of it.
    expect(await stage.dryRun({ kind: 'all' })).toMatchObject({ total: 2_080, skipped: 520 });
  });

  test.sequential(
    'knows how many of its deliveries are open, failed and cancelled, however many they are',
    async () => {
      const statuses = [
        'succeeded',
        'failed',
        'pending',
        'failed',
        'retrying',
        'cancelled',
        'failed',
        'held',
      ];
      await rig.sql(
        `INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status,
                               workflow_id, replay_id, created_at)
       SELECT 'counted', 'dlv_counted_' || lpad(n::text, 8, '0'), 'evt', 'evt', 'ep_counted', 'a.b', 'production', 'replay',
              ($1::text[])[1 + n % 8], 'w', 'rpl_counted', now() FROM generate_series(1, 80000) n`,
        statuses,
      );
      const db = createPool(rig.databaseUrl, 1, 'kept');
      let pieces = 0;
      expect(await countReplayed(db, 'rpl_counted', () => (pieces += 1))).toEqual({
        ...{ open: 30_000, failed: 30_000, cancelled: 10_000 },
      });
      // Twenty thousand at a time, and it says after each that it lives.
      expect(pieces).toBe(2 + 2 + 1);
      await db.end();
      await rig.sql(`DELETE FROM deliveries WHERE replay_id = 'rpl_counted'`);
    },
  );

  it('keeps to its rate, pauses, goes on, and ends when it is cancelled', async () => {
    const stage = await failing(30);
    const { id } = await stage.replay({ per_second: 10 });
    const before = rig.receiver.at(stage.path).length;
    const sent = () => rig.receiver.at(stage.path).length - before;
    await until(sent, (count) => count >= 5);
    expect(
      (
        await rig.call('POST', `/v1/tenants/${stage.tenant}/replays`, {
          endpoint_id: stage.endpoint.id,
          since: minuteAgo(),
        })
      ).status,
    ).toBe(409);
    const paused = await stage.order(id, 'pause');
    expect(paused).toMatchObject({ status: 202, body: { status: 'paused' } });
    // What had been made before that still goes out.
    await until(
      () =>
        rig.sql(
          `SELECT count(*)::int AS n FROM deliveries WHERE replay_id = $1 AND status <> 'succeeded'`,
          id,
        ),
      ([row]) => row.n === 0,
    );
    const atPause = sent();
    expect(atPause).toBeLessThan(30);
    expect((await stage.get(id)).status).toBe('paused');
    expect((await stage.order(id, 'resume')).body.status).toBe('running');
    await until(sent, (count) => count > atPause);
    expect((await stage.order(id, 'cancel')).body.status).toBe('cancelled');
    const ended = await stage.ended(id);
    expect(ended).toMatchObject({ status: 'cancelled', reason: 'asked' });
    expect(ended.succeeded + ended.cancelled).toBe(ended.total);
    expect(ended.total).toBeLessThan(30);
    expectProblem(await stage.order(id, 'resume'), 409);
    expectProblem(await stage.order(id, 'pause'), 409);
  });

  it('to an endpoint with ordering fifo goes through its lane, one after the other', async () => {
    const stage = await failing(8, { ordering: 'fifo' });
    const before = rig.receiver.at(stage.path).length;
    let underWay = 0;
    let most = 0;
    rig.receiver.answerAt(stage.path, (_, response) => {
      most = Math.max(most, (underWay += 1));
      setTimeout(() => {
        underWay -= 1;
        response.end();
      }, 20);
    });
    const { id } = await stage.replay();
    expect(await stage.ended(id)).toMatchObject({ total: 8, succeeded: 8 });
    const again = rig.receiver.at(stage.path).slice(before);
    expect(again.map(({ body }) => JSON.parse(body).data.n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(1);
    const { body } = await rig.call('GET', `/v1/tenants/${stage.tenant}/deliveries?replay_id=${id}`);
    expect(body.data[0]).toMatchObject({ ordered: true, trigger: 'replay' });
  });

  it('tells of its end as an operational webhook', async () => {
    rig.receiver.answerAt('/operations', 200);
    await rig.endpoint('posthorn', '/operations', { events: ['replay.completed'] });
    const stage = await failing(2);
    const { id } = await stage.ended((await stage.replay()).id);
    const [told] = await until(
      () => rig.receiver.at('/operations').map(({ body }) => JSON.parse(body)),
      (all) => all.some(({ data }: Json) => data.replay_id === id),
    ).then((all) => all.filter(({ data }: Json) => data.replay_id === id));
    expect(told).toMatchObject({
      type: 'replay.completed',
      data: { endpoint_id: stage.endpoint.id, status: 'completed', total: 2, succeeded: 2, failed: 0 },
    });
  });

  it('waits while its endpoint is disabled, and goes on when it is enabled', async () => {
    const stage = await failing(20);
    const { id } = await stage.replay({ per_second: 5 });
    await rig.call('POST', `/v1/tenants/${stage.tenant}/endpoints/${stage.endpoint.id}/disable`);
    await until(
      () => stage.get(id),
      (found) => found.reason === 'endpoint_disabled',
    );
    await rig.call('POST', `/v1/tenants/${stage.tenant}/endpoints/${stage.endpoint.id}/enable`);
    await until(
      () => stage.get(id),
      (found) => found.reason === null,
    );
    await stage.order(id, 'cancel');
    await stage.ended(id);
  });

  it('ends with its endpoint', async () => {
    const stage = await failing(20);
    const { id } = await stage.replay({ per_second: 5 });
    await rig.call('DELETE', `/v1/tenants/${stage.tenant}/endpoints/${stage.endpoint.id}`);
    expect(await stage.ended(id)).toMatchObject({ status: 'cancelled', reason: 'endpoint_deleted' });
  });

  it.each(['endpoint', 'tenant'] as const)('that is paused ends with its %s', async (what) => {
    const stage = await failing(10);
    const { id, workflow_id: workflowId } = await stage.replay({ per_second: 2 });
    await stage.order(id, 'pause');
    const workflow = rig.temporal.workflow.getHandle(workflowId);
    // It sleeps, and nobody is going to wake it.
    await until(
      () => workflow.fetchHistory(),
      ({ events }) =>
        events!.length > 6 && events!.at(-1)!.workflowTaskCompletedEventAttributes !== undefined,
    );
    const path = `/v1/tenants/${stage.tenant}`;
    await rig.call('DELETE', what === 'tenant' ? path : `${path}/endpoints/${stage.endpoint.id}`);
    await workflow.result();
    if (what === 'tenant') return;
    const ended = await stage.ended(id);
    expect(ended).toMatchObject({ status: 'cancelled', reason: 'endpoint_deleted' });
    expect(ended.succeeded + ended.failed + ended.cancelled).toBe(ended.total);
    expectProblem(await stage.order(id, 'resume'), 409);
  });

  it("is in a list of its tenant, newest first, and in nobody else's", async () => {
    const stage = await failing(1);
    const one = await stage.replay();
    await stage.ended(one.id);
    const two = await stage.replay({ kind: 'all' });
    await stage.ended(two.id);
    const list = async (query: string, tenant = stage.tenant) =>
      (await rig.call('GET', `/v1/tenants/${tenant}/replays${query}`)).body;
    expect((await list('')).data.map(({ id }: Json) => id)).toEqual([two.id, one.id]);
    const first = await list(`?limit=1&endpoint_id=${stage.endpoint.id}`);
    expect((await list(`?limit=1&cursor=${first.next_cursor}`)).data[0].id).toBe(one.id);
    expect((await list('', newTenant())).data).toEqual([]);
    expect((await rig.call('GET', `/v1/tenants/${newTenant()}/replays/${one.id}`)).status).toBe(404);
  });

  it('that nobody started is started by the sweep, also when it was terminated', async () => {
    const stage = await failing(20);
    const { id, workflow_id: workflowId } = await stage.replay({ per_second: 5 });
    await until(
      () => stage.get(id),
      (found) => found.done > 0,
    );
    await rig.temporal.workflow.getHandle(workflowId).terminate();
    await until(
      async () => {
        // Again and again: the activity that was under way touches the row once more.
        await rig.sql(
          `UPDATE replays SET touched_at = now() - interval '2 minutes', per_second = 100 WHERE id = $1`,
          id,
        );
        await rig.posthorn.dispatch!.sweep.run();
        return stage.get(id);
      },
      (found) => found.status === 'completed',
      250,
    );
    expect(await stage.ended(id)).toMatchObject({ total: 20, succeeded: 20, status: 'completed' });
    expect(rig.receiver.at(stage.path)).toHaveLength(40);
  });
});

describe('refused, with nothing begun, is a replay', () => {
  let stage: Stage;
  beforeAll(async () => void (stage = await failing(1)));
  const later = () => new Date(Date.now() + 3_600_000).toISOString();
  it.each<[string, () => object, number, string]>([
    ['from the future', () => ({ since: later() }), 422, 'since'],
    ['into the future', () => ({ until: later() }), 422, 'until'],
    ['upside down', () => ({ until: '2020-01-01' }), 422, 'until'],
    ['since nothing', () => ({ since: undefined }), 422, 'since'],
    ['since no time', () => ({ since: 'yesterday' }), 422, 'since'],
    ['since the year 0', () => ({ since: '0001-01-01T00:00:00+01:00' }), 422, 'since'],
    ['at no rate', () => ({ per_second: 0 }), 422, 'per_second'],
    ['at a rate below none', () => ({ per_second: -1 }), 422, 'per_second'],
    ['of another kind', () => ({ kind: 'most' }), 422, 'kind'],
    ['of an unknown status', () => ({ statuses: ['lost'] }), 422, 'statuses[0]'],
    ['of what is open', () => ({ kind: 'all', statuses: ['pending'] }), 422, 'statuses[0]'],
    ['of what succeeded as failed', () => ({ statuses: ['succeeded'] }), 422, 'statuses'],
    ['of missing ones by status', () => ({ kind: 'missing', statuses: ['failed'] }), 422, 'statuses'],
    ['of no status', () => ({ statuses: [] }), 422, 'statuses'],
    ['of a type that is none', () => ({ event_types: ['*.a'] }), 422, 'event_types[0]'],
    ['to an endpoint that never was', () => ({ endpoint_id: 'ep_none' }), 422, 'endpoint_id'],
    ['with a word more', () => ({ rate: 5 }), 422, 'rate'],
  ])('%s', async (_, wrong, status, path) => {
    const body = { endpoint_id: stage.endpoint.id, since: minuteAgo(), ...wrong() };
    for (const dryRun of [true, false])
      expectProblem(
        await rig.call('POST', `/v1/tenants/${stage.tenant}/replays`, { ...body, dry_run: dryRun }),
        status,
        path,
      );
    expect(await rig.sql('SELECT FROM replays WHERE tenant_id = $1', stage.tenant)).toEqual([]);
  });

  it('to an endpoint that was deleted, or is disabled', async () => {
    const { id } = await rig.endpoint(stage.tenant, stage.path, { enabled: false });
    const url = `/v1/tenants/${stage.tenant}/replays`;
    const disabled = await rig.call('POST', url, { endpoint_id: id, since: minuteAgo() });
    expect(disabled).toMatchObject({ status: 409, body: { code: 'endpoint_disabled' } });
    await rig.call('DELETE', `/v1/tenants/${stage.tenant}/endpoints/${id}`);
    const deleted = await rig.call('POST', url, { endpoint_id: id, since: minuteAgo() });
    expect(deleted.body.code).toBe('endpoint_deleted');
    expectProblem(deleted, 409, 'endpoint_id');
  });

  it('a second one at once to the same endpoint, naming the first, however many try', async () => {
    const other = await failing(10);
    const body = { endpoint_id: other.endpoint.id, since: minuteAgo(), per_second: 1 };
    const url = `/v1/tenants/${other.tenant}/replays`;
    const answers = await Promise.all([1, 2, 3, 4].map(() => rig.call('POST', url, body)));
    const begun = answers.filter(({ status }) => status === 202);
    expect(begun).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 202)) {
      expectProblem(answer, 409, 'endpoint_id');
      expect(answer.body).toMatchObject({ code: 'replay_running' });
      expect(answer.body.detail).toContain(begun[0]!.body.id);
    }
    await other.order(begun[0]!.body.id, 'cancel');
    await other.ended(begun[0]!.body.id);
  });
});
