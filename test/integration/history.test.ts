import { describe, expect, it } from 'vitest';
import { newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();

async function history(tenant: string, id: string): Promise<Json> {
  const answer = await rig.call('GET', `/v1/tenants/${tenant}/deliveries/${id}/history`);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}
const entries = (story: Json): Json[] => story.runs.flatMap((run: Json) => run.entries);
const attempts = (story: Json): Json[] => entries(story).filter((entry) => entry.type === 'attempt');
const types = (story: Json): string[] => entries(story).map((entry) => entry.type);

const complete = (tenant: string, id: string, runs = 1) =>
  until(
    () => history(tenant, id),
    (story) => story.runs.length === runs && story.runs.every((run: Json) => run.status !== 'running'),
  );

describe('a delivery in the log', () => {
  it('has every field of the contract, and so has each attempt', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    rig.receiver.answerAt(path, (_request, response) => {
      response.writeHead(503, { 'X-Why': 'busy', 'Set-Cookie': 'session=1', 'Retry-After': '0' }).end('näh');
    });
    const endpoint = await rig.endpoint(tenant, `${path}?q=1`, { retry_schedule_seconds: [0] });
    const event = await rig.publish(tenant, { type: 'a.b', environment: 'production' });
    const before = Date.now();
    const delivery = await rig.settled(tenant, event.delivery_ids[0]!, 'failed');
    expect(delivery).toEqual({
      id: event.delivery_ids[0],
      event_id: event.id,
      event_type: 'a.b',
      endpoint_id: endpoint.id,
      environment: 'production',
      trigger: 'schedule',
      test: false,
      status: 'failed',
      attempt_count: 2,
      max_attempts: 2,
      next_attempt_at: null,
      last_status_code: 503,
      last_error_class: 'http',
      ordered: false,
      ordering_key: null,
      replay_id: null,
      workflow_id: event.delivery_ids[0],
      created_at: expect.any(String) as string,
      completed_at: expect.any(String) as string,
      request_body: rig.receiver.at(path)[0]!.body,
      attempts: delivery.attempts,
    });
    const received = rig.receiver.at(path);
    delivery.attempts.forEach((attempt: Json, index: number) => {
      expect(attempt).toEqual({
        number: index + 1,
        trigger: 'schedule',
        started_at: expect.any(String) as string,
        duration_ms: expect.any(Number) as number,
        timing: expect.objectContaining({ total_ms: attempt.duration_ms }) as object,
        status_code: 503,
        error: { class: 'http', message: 'HTTP 503' },
        retry_after_seconds: 0,
        remark: null,
        request: { method: 'POST', url: `${rig.receiver.url}${path}?q=1`, headers: attempt.request.headers },
        response: {
          headers: attempt.response.headers,
          body: 'näh',
          body_bytes: 4,
          truncated: false,
        },
      });
      expect(Math.abs(Date.parse(attempt.started_at) - before)).toBeLessThan(60_000);
      expect(attempt.duration_ms).toBeGreaterThan(0);
      expect(attempt.response.headers).toMatchObject({ 'x-why': 'busy', 'set-cookie': '[redacted]' });
      const sent = Object.entries(attempt.request.headers).map(([name, value]) => [
        name.toLowerCase(),
        value,
      ]);
      expect(received[index]!.headers).toMatchObject(Object.fromEntries(sent));
      expect(sent.map(([name]) => name)).toContain('webhook-signature');
    });
  });

  it('stays there when its endpoint was deleted', async () => {
    const tenant = newTenant();
    const endpoint = await rig.endpoint(tenant, `/${tenant}`);
    const { delivery_ids } = await rig.publish(tenant);
    await rig.settled(tenant, delivery_ids[0]!, 'succeeded');
    await rig.call('DELETE', `/v1/tenants/${tenant}/endpoints/${endpoint.id}`);
    const kept = await rig.delivery(tenant, delivery_ids[0]!);
    expect(kept).toMatchObject({ status: 'succeeded', max_attempts: null, endpoint_id: endpoint.id });
    expect(kept.attempts).toHaveLength(1);
    const listed = await rig.call('GET', `/v1/tenants/${tenant}/deliveries`);
    expect(listed.body.data).toMatchObject([{ id: delivery_ids[0] }]);
  });
});

describe('the history in Temporal', () => {
  it('tells the story of a delivery while it waits, and after it ended', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    rig.receiver.answerAt(path, 500);
    await rig.endpoint(tenant, path, { retry_schedule_seconds: [0, 3600] });
    const id = (await rig.publish(tenant)).delivery_ids[0]!;
    await rig.calls(path, 2);
    const waiting = await until(
      () => history(tenant, id),
      // What stands in the row was read before what Temporal tells: perhaps before the second attempt.
      (story) =>
        attempts(story).length === 2 &&
        types(story).at(-1) === 'timer_started' &&
        Date.parse(story.next_attempt_at) > Date.now() + 3_000_000,
    );
    expect(waiting).toMatchObject({
      delivery_id: id,
      status: 'retrying',
      runs: [{ workflow_id: id, status: 'running' }],
    });
    expect(waiting.next_attempt_at).toBe((await rig.delivery(tenant, id)).next_attempt_at);
    expect(attempts(waiting)).toMatchObject([
      { number: 1, outcome: 'failed', trigger: 'schedule', status_code: 500, excerpt: 'status 500' },
      { number: 2, outcome: 'failed', trigger: 'schedule', error: { class: 'http', message: 'HTTP 500' } },
    ]);
    const timer = entries(waiting).findLast((entry) => entry.type === 'timer_started');
    expect(timer.seconds).toBeGreaterThan(3200);
    expect(timer.seconds).toBeLessThan(4000);

    rig.receiver.answerAt(path, 200);
    await rig.call('POST', `/v1/tenants/${tenant}/deliveries/${id}/retry`);
    const delivery = await rig.settled(tenant, id, 'succeeded');
    const ended = await complete(tenant, id);
    expect(ended).toMatchObject({
      status: 'succeeded',
      next_attempt_at: null,
      runs: [{ status: 'completed' }],
    });
    expect(entries(ended)[0]).toMatchObject({ type: 'started', alone: true });
    expect(entries(ended).at(-1)).toMatchObject({ type: 'completed', result: { succeeded: 1 } });
    expect(types(ended)).toContain('signal');
    expect(types(ended).at(-1)).toBe('completed');
    // The log in Postgres and the history in Temporal tell the same.
    expect(attempts(ended).map((one) => [one.number, one.trigger, one.status_code, one.started_at])).toEqual(
      delivery.attempts.map((one: Json) => [one.number, one.trigger, one.status_code, one.started_at]),
    );
    for (const entry of entries(ended)) expect(Number.isNaN(Date.parse(entry.time))).toBe(false);
    const ids = entries(ended).map((entry) => entry.event_id);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
  });

  it('has a run more for a retry after the end', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    await rig.endpoint(tenant, path);
    const id = (await rig.publish(tenant)).delivery_ids[0]!;
    await rig.settled(tenant, id, 'succeeded');
    await complete(tenant, id);
    await rig.call('POST', `/v1/tenants/${tenant}/deliveries/${id}/retry`);
    await rig.calls(path, 2);
    const story = await complete(tenant, id, 2);
    expect(attempts(story)).toMatchObject([
      { number: 1, trigger: 'schedule', outcome: 'succeeded' },
      { number: 2, trigger: 'manual', outcome: 'succeeded' },
    ]);
    expect(new Set(story.runs.map((run: Json) => run.run_id)).size).toBe(2);
  });

  it('tells of a cancellation', async () => {
    const tenant = newTenant();
    rig.receiver.answerAt(`/${tenant}`, 500);
    await rig.endpoint(tenant, `/${tenant}`, { retry_schedule_seconds: [3600] });
    const id = (await rig.publish(tenant)).delivery_ids[0]!;
    await until(
      () => history(tenant, id),
      (story) => types(story).includes('timer_started'),
    );
    await rig.call('POST', `/v1/tenants/${tenant}/deliveries/${id}/cancel`);
    const story = await complete(tenant, id);
    expect(story.status).toBe('cancelled');
    expect(entries(story)).toContainEqual(
      expect.objectContaining({ type: 'signal', name: 'cancelDelivery' }),
    );
  });

  it('is empty for a delivery that no workflow has carried yet', async () => {
    const tenant = newTenant();
    await rig.endpoint(tenant, `/${tenant}`, { enabled: false });
    const id = (await rig.publish(tenant)).delivery_ids[0]!;
    expect(await history(tenant, id)).toMatchObject({ status: 'held', runs: [] });
  });
});

it('a tenant that reads many stories at once waits for its own: each may be that of a whole set', async () => {
  const [greedy, other] = [newTenant(), newTenant()];
  const deliveryOf = async (tenant: string) => {
    await rig.endpoint(tenant, `/${tenant}`);
    const event = await rig.publish(tenant, { type: 'a.b' });
    return event.delivery_ids[0]!;
  };
  const [id, others] = [await deliveryOf(greedy), await deliveryOf(other)];
  const read = () => rig.call('GET', `/v1/tenants/${greedy}/deliveries/${id}/history`);
  const many = Array.from({ length: 30 }, read);
  await history(other, others);
  const statuses = (await Promise.all(many)).map(({ status }) => status);
  expect(statuses).toContain(200);
  expect(statuses).toContain(429);
  await history(greedy, id);
});
