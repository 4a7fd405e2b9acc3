/** Deliveries that come faster than workflows can be started ride together in one: all else works as ever. */
import { beforeAll, describe, expect, it } from 'vitest';
import { newTenant, rawHistory, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig({ DISPATCH: 'fast', WORKFLOW_STARTS_PER_SECOND: '5' });
const tenant = newTenant();
const COUNT = 200;
const base = `/v1/tenants/${tenant}/deliveries`;
let endpoint: Json;
let waiting: Json[];
let delivered: Json[];

/** Publishes a batch and returns its deliveries that ride in sets. */
async function riders(path: string, status: string, settings: object): Promise<Json[]> {
  const made = await rig.endpoint(tenant, path, { events: [`${path.slice(1)}.x`], ...settings });
  const events = Array.from({ length: COUNT }, (_, n) => ({
    type: `${path.slice(1)}.x`,
    data: { n, pay: 'load-77' },
  }));
  const { body } = await rig.call('POST', `/v1/tenants/${tenant}/events/batch`, { events });
  expect(body.results).toHaveLength(COUNT);
  const query = `${base}?limit=200&endpoint_id=${made.id}&status=${status}`;
  const all = await until(
    async () => (await rig.call('GET', query)).body.data as Json[],
    (found) => found.length === COUNT && found.every((one) => one.workflow_id !== null),
  );
  endpoint = made;
  const inSets = all.filter((one) => one.workflow_id.startsWith('set_'));
  expect(inSets.length).toBeGreaterThan(COUNT / 2);
  return inSets;
}
const history = async (id: string): Promise<Json> => (await rig.call('GET', `${base}/${id}/history`)).body;
const attempts = (story: Json): Json[] =>
  story.runs.flatMap((run: Json) => run.entries).filter((entry: Json) => entry.type === 'attempt');

beforeAll(async () => {
  delivered = await riders('/ok', 'succeeded', {});
  rig.receiver.answerAt('/bad', 500);
  waiting = await riders('/bad', 'retrying', { retry_schedule_seconds: [3600] });
});

describe('a delivery in a set', () => {
  it('was made once, like every other', () => {
    for (const path of ['/ok', '/bad']) {
      const received = rig.receiver.at(path);
      expect(received.length).toBeGreaterThanOrEqual(COUNT);
      expect(new Set(received.map((one) => one.headers['webhook-id'])).size).toBe(COUNT);
    }
  });

  it('has a history of its own, once delivered and while it waits', async () => {
    for (const [delivery, outcome] of [
      [delivered[3], 'succeeded'],
      [waiting[3], 'failed'],
    ] as const) {
      const story = await until(
        () => history(delivery.id),
        (found) => attempts(found).length > 0,
      );
      expect(story.runs[0].workflow_id).toBe(delivery.workflow_id);
      expect(attempts(story)).toMatchObject([{ number: 1, outcome }]);
      // Nothing in it tells how many there are beside it, or what becomes of them.
      const others = story.runs[0].entries.filter(({ type }: Json) => type !== 'attempt');
      for (const { event_id: _id, time: _time, ...shown } of others)
        expect([{ type: 'started', alone: false }, { type: 'completed' }]).toContainEqual(shown);
      const logged = await rig.delivery(tenant, delivery.id);
      expect(attempts(story)[0].started_at).toBe(logged.attempts[0].started_at);
    }
  });

  it('shows neither payload nor secret in Temporal', async () => {
    for (const { workflow_id } of [delivered[0], waiting[0]]) {
      const text = await rawHistory(rig, workflow_id);
      expect(text).toContain('PosthornEndpoint');
      for (const secret of [endpoint.secret, endpoint.secret.slice(6), 'load-77'])
        expect(text).not.toContain(secret);
    }
  });

  it('is retried by hand alone: while it waits, and after it was delivered', async () => {
    const [one, neighbour] = [waiting[10], waiting[11]];
    rig.receiver.answerAt('/bad', 200);
    expect((await rig.call('POST', `${base}/${one.id}/retry`)).status).toBe(202);
    const retried = await rig.settled(tenant, one.id, 'succeeded');
    expect(retried.attempts.map((attempt: Json) => attempt.trigger)).toEqual(['schedule', 'manual']);
    expect(retried.workflow_id).toBe(one.workflow_id);
    expect(attempts(await history(one.id)).map((attempt) => attempt.number)).toEqual([1, 2]);
    rig.receiver.answerAt('/bad', 500);
    expect(await rig.delivery(tenant, neighbour.id)).toMatchObject({ status: 'retrying', attempt_count: 1 });

    const calls = rig.receiver.at('/ok').length;
    expect((await rig.call('POST', `${base}/${delivered[10].id}/retry`)).status).toBe(202);
    await rig.calls('/ok', calls + 1);
    const resent = await until(
      () => rig.delivery(tenant, delivered[10].id),
      (found) => found.attempt_count === 2,
    );
    expect(resent).toMatchObject({ status: 'succeeded', attempts: [{ number: 1 }, { trigger: 'manual' }] });
    const story = await until(
      () => history(resent.id),
      (found) => attempts(found).length === 2,
    );
    expect(story.runs.map((run: Json) => run.workflow_id)).toEqual([delivered[10].workflow_id, resent.id]);
  });

  it('is retried by hand after it failed for good', async () => {
    rig.receiver.answerAt('/lost', 500);
    const lost = await riders('/lost', 'failed', { max_retries: 0 });
    rig.receiver.answerAt('/lost', 200);
    await rig.call('POST', `${base}/${lost[0].id}/retry`);
    const { attempts: made } = await rig.settled(tenant, lost[0].id, 'succeeded');
    expect(made.map((attempt: Json) => attempt.trigger)).toEqual(['schedule', 'manual']);
    expect(await rig.delivery(tenant, lost[1].id)).toMatchObject({ status: 'failed', attempt_count: 1 });
  });

  it('is cancelled alone', async () => {
    const [one, neighbour] = [waiting[20], waiting[21]];
    expect((await rig.call('POST', `${base}/${one.id}/cancel`)).status).toBe(202);
    expect(await rig.delivery(tenant, one.id)).toMatchObject({ status: 'cancelled', attempt_count: 1 });
    expect((await rig.delivery(tenant, neighbour.id)).status).toBe('retrying');
    const state = await until(
      () => rig.temporal.workflow.getHandle(one.workflow_id).query<Json[]>('state'),
      (members) => members.find((member) => member.id === one.id).status === 'ended',
    );
    expect(state.find((member) => member.id === one.id).result).toBe('cancelled');
    if (neighbour.workflow_id === one.workflow_id)
      expect(state.find((member) => member.id === neighbour.id).status).toBe('waiting');
  });

  it('is cancelled with all the others when an operator cancels their workflow', async () => {
    const workflowId = waiting[40].workflow_id;
    const members = waiting.filter((one) => one.workflow_id === workflowId);
    await rig.temporal.workflow.getHandle(workflowId).cancel();
    await rig.settled(tenant, members.at(-1).id, 'cancelled');
    const left = await rig.sql(
      `SELECT id FROM deliveries WHERE workflow_id = $1 AND status NOT IN ('cancelled', 'succeeded')`,
      workflowId,
    );
    expect(left).toEqual([]);
  });
});
