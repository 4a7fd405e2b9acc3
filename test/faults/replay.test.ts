/** Events sent again by a process that is killed before it has begun, or on the way, and five thousand released. */
import { expect, inject } from 'vitest';
import { it } from '../support/concurrent.ts';
import { startProxy } from '../support/proxy.ts';
import { expectCounts, numberOf, numbers, setStage, TENANT, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';

/** So many events (n: 1, 2, …) and a delivery of each to the endpoint, as if that had happened a minute ago. */
async function fill(
  stage: Stage,
  endpointId: string,
  status: 'failed' | 'held',
  count: number,
): Promise<void> {
  const id = (prefix: string) => `'${prefix}_' || t.hex || lpad(to_hex(n), 20, '0')`;
  const time = `(SELECT lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - 60000), 12, '0') AS hex) t`;
  await stage.sql(
    `INSERT INTO events (tenant_id, uid, id, type, environment, "timestamp", data, created_at)
     SELECT 'acme', ${id('evt')}, ${id('evt')}, 'a.b', 'production', now(), '{"n":' || n || '}', now()
       FROM ${time}, generate_series(1, $1::int) n`,
    count,
  );
  await stage.sql(
    `INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status, created_at)
     SELECT 'acme', 'dlv_' || substr(uid, 5), uid, id, $1, type, environment, 'schedule', $2, now() FROM events`,
    endpointId,
    status,
  );
}

/** What a process was about to tell Temporal is found by the next one: 15 s after it was written, by a sweep that looks each 10 s. */
const FOUND_WITHIN_MS = 40_000;

it('a replay whose process is killed before Temporal has heard of it is begun by the next one', async (test) => {
  const proxy = await startProxy(Number(inject('temporalAddress').split(':')[1]));
  test.onTestFinished(() => proxy.stop());
  const stage = await setStage(test.onTestFinished, { temporalAddress: `127.0.0.1:${proxy.port}` });
  const endpointId = await stage.endpoint('/a');
  await fill(stage, endpointId, 'failed', 10);
  proxy.hold();
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const asked = stage.child.call('POST', `${TENANT}/replays`, { endpoint_id: endpointId, since });
  const isRefused = expect(asked).rejects.toThrow();
  await until(
    () => stage.sql('SELECT FROM replays'),
    (rows) => rows.length === 1,
  );
  await stage.child.kill9();
  await isRefused;
  // With it, what it had said and nobody had heard.
  proxy.cut();
  proxy.release();
  proxy.restore();
  await stage.child.restart();
  const restartedAtMs = Date.now();
  await stage.deliveries('succeeded', 10);
  expectCounts(stage.counts('/a'), numbers(1, 10), 1);
  expect(stage.receiver.received[0]!.atMs - restartedAtMs).toBeLessThan(FOUND_WITHIN_MS);
});

it('a replay of 10,000 goes on after a kill and a pause, and every event comes once more', async (test) => {
  const stage = await setStage(test.onTestFinished);
  const endpointId = await stage.endpoint('/a');
  await fill(stage, endpointId, 'failed', 10_000);
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const { body } = await stage.child.call('POST', `${TENANT}/replays`, { endpoint_id: endpointId, since });
  const url = `${TENANT}/replays/${body.id}`;
  const received = () => stage.receiver.received.length;
  await until(received, (count) => count >= 2_000);
  await stage.child.kill9();
  const beforeKill = received();
  expect(beforeKill).toBeLessThan(10_000);
  await stage.child.restart();
  await until(received, (count) => count >= Math.min(beforeKill + 1_000, 10_000));
  await stage.child.call('POST', `${url}/pause`);
  const made = async () => {
    const [row] = await stage.sql<{ made: number; open: number }>(
      `SELECT count(*)::int AS made, count(*) FILTER (WHERE status <> 'succeeded')::int AS open
         FROM deliveries WHERE replay_id = $1`,
      body.id,
    );
    return row!;
  };
  const paused = await until(made, ({ open }) => open === 0);
  expect((await stage.child.call('GET', url)).body.status).toBe('paused');
  expect(await made()).toEqual(paused);
  await stage.child.call('POST', `${url}/resume`);
  const end = await until(
    async () => (await stage.child.call('GET', url)).body,
    ({ completed_at: at }) => at !== null,
  );
  expect(end).toMatchObject({
    status: 'completed',
    total: 10_000,
    done: 10_000,
    succeeded: 10_000,
    failed: 0,
  });
  expect((await made()).made).toBe(10_000);
  const counts = stage.counts('/a');
  expect(counts.size).toBe(10_000);
  // What was on the wire when it was killed is sent again, and what had arrived and was not recorded yet: two thousand a second
  // times the length of a commit, which is 40 to 130 of them (killed.test.ts: how many it may be).
  expect(received() - 10_000).toBeLessThanOrEqual(200);
}, 120_000);

it('five thousand held are released in order, at a rate', async (test) => {
  const stage = await setStage(test.onTestFinished);
  const underWayAtOnce = 50;
  const endpointId = await stage.endpoint('/a', { enabled: false, max_in_flight: underWayAtOnce });
  await fill(stage, endpointId, 'held', 5_000);
  const startedAtMs = Date.now();
  const url = `${TENANT}/endpoints/${endpointId}`;
  const { body } = await stage.child.call('POST', `${url}/enable`, { per_second: 1_000 });
  expect(body.held).toMatchObject({ count: 5_000, release: { per_second: 1_000 } });
  await stage.deliveries('succeeded', 5_000);
  // All but what may come at once, a second's worth, has to wait for its turn.
  expect(stage.receiver.received.at(-1)!.atMs - startedAtMs).toBeGreaterThan(3_000);
  const firsts = [...new Set(stage.receiver.received.map(numberOf))];
  expect([...firsts].sort((a, b) => a - b)).toEqual(numbers(1, 5_000));
  // They are begun in their order: what comes too early has left those behind that are under way, and no more. How late one
  // may be, no bound can say: while it is held up by its connection, the others go on.
  const early = firsts.map((n, index) => n - (index + 1));
  expect(Math.max(...early)).toBeLessThan(underWayAtOnce);
  expect((await stage.child.call('GET', url)).body.held).toMatchObject({ count: 0, release: null });
}, 120_000);
