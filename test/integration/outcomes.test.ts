import { describe, expect, it } from 'vitest';
import type { Behaviour } from '../support/receiver.ts';
import { newTenant, useRig } from '../support/rig.ts';

const rig = useRig();
const deliver: typeof rig.deliver = (behaviour, status, settings = { max_retries: 0 }) =>
  rig.deliver(behaviour, status, settings);

describe.concurrent('a delivery', () => {
  it('is retried on its schedule until the endpoint answers 2xx', async () => {
    let calls = 0;
    const behaviour: Behaviour = (_request, response) => response.writeHead(++calls < 3 ? 500 : 202).end();
    const schedule = { retry_interval: 'fixed', retry_delay_seconds: 1 };
    const { path, delivery, attempts } = await deliver(behaviour, 'succeeded', schedule);
    const [first, second, third] = rig.receiver.at(path).map((one) => one.atMs) as [number, number, number];
    // Jitter is ±10 %.
    expect(second - first).toBeGreaterThanOrEqual(890);
    expect(third - second).toBeGreaterThanOrEqual(890);
    expect(third - first).toBeLessThan(30_000);
    expect(delivery).toMatchObject({
      attempt_count: 3,
      last_status_code: 202,
      last_error_class: null,
      next_attempt_at: null,
      max_attempts: 10,
    });
    expect(
      attempts.map((one: { number: number; status_code: number }) => [one.number, one.status_code]),
    ).toEqual([
      [1, 500],
      [2, 500],
      [3, 202],
    ]);
  });

  it('fails when its schedule is used up', async () => {
    const settings = { retry_schedule_seconds: [0, 1] };
    const { path, delivery } = await deliver(418, 'failed', settings);
    expect(delivery).toMatchObject({ attempt_count: 3, last_status_code: 418, last_error_class: 'http' });
    expect(delivery.completed_at).not.toBeNull();
    expect(rig.receiver.at(path)).toHaveLength(3);
  });

  it('succeeds with every 2xx, and with a body nobody asked for', async () => {
    for (const status of [200, 201, 204, 299]) {
      const { attempts } = await deliver(
        (_request, response) => response.writeHead(status).end(),
        'succeeded',
      );
      expect(attempts[0]).toMatchObject({ status_code: status, error: null });
    }
  });

  it('that meets the deletion of its endpoint ends as cancelled, in the log, too', async () => {
    const tenant = newTenant();
    rig.receiver.answerAt(`/${tenant}`, 500);
    const endpoint = await rig.endpoint(tenant, `/${tenant}`, { retry_schedule_seconds: [2, 2, 2] });
    const { delivery_ids } = await rig.publish(tenant);
    await rig.settled(tenant, delivery_ids[0]!, 'retrying');
    // As a deletion elsewhere that did not see it: it was attempted at the same moment.
    await rig.sql('UPDATE endpoints SET deleted_at = now() WHERE id = $1', endpoint.id);
    await rig.sql(`SELECT pg_notify('posthorn_endpoints', $1)`, `${tenant} ${endpoint.id}`);
    await rig.settled(tenant, delivery_ids[0]!, 'cancelled');
    expect(rig.receiver.at(`/${tenant}`)).toHaveLength(1);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a redirect: %i', async (status) => {
    const location = `${rig.receiver.url}/elsewhere`;
    const { attempts } = await deliver(
      (_request, response) => response.writeHead(status, { location }).end(),
      'failed',
    );
    expect(attempts[0]).toMatchObject({ status_code: status, error: { class: 'redirect' } });
    expect(attempts[0].response.headers.location).toBe(location);
    expect(rig.receiver.at('/elsewhere')).toEqual([]);
  });

  it('waits as long as Retry-After asks on 503 and 429, and no shorter than its schedule', async () => {
    for (const status of [503, 429]) {
      const answers: [number, object][] = [
        [status, { 'retry-after': '2' }],
        [status, { 'retry-after': '0' }],
        [200, {}],
      ];
      const behaviour: Behaviour = (_request, response) => {
        const [code, headers] = answers.shift()!;
        response.writeHead(code, { ...headers }).end();
      };
      const { path, attempts } = await deliver(behaviour, 'succeeded', { retry_schedule_seconds: [0, 1] });
      const [first, second, third] = rig.receiver.at(path).map((one) => one.atMs) as [number, number, number];
      expect(second - first).toBeGreaterThanOrEqual(1_990);
      expect(third - second).toBeGreaterThanOrEqual(890);
      expect(attempts[0].retry_after_seconds).toBe(2);
    }
  });

  it('ignores Retry-After on other answers, and caps it at 24 hours', async () => {
    const behaviour = (status: number): Behaviour => {
      return (_request, response) => response.writeHead(status, { 'retry-after': '999999' }).end();
    };
    const settings = { retry_schedule_seconds: [3600] };
    for (const [status, expectedSeconds] of [
      [500, 3600],
      [503, 86_400],
    ] as const) {
      const { delivery } = await deliver(behaviour(status), 'retrying', settings);
      const seconds = (Date.parse(delivery.next_attempt_at) - Date.parse(delivery.created_at)) / 1000;
      expect(seconds).toBeGreaterThanOrEqual(expectedSeconds * 0.9);
      expect(seconds).toBeLessThan(expectedSeconds * 1.1 + 60);
    }
  });

  it('ends with 410, which disables the endpoint', async () => {
    const { tenant, path, endpoint, delivery } = await deliver(410, 'failed', {
      retry_schedule_seconds: [0, 0],
    });
    expect(delivery).toMatchObject({ attempt_count: 1, last_status_code: 410 });
    expect(rig.receiver.at(path)).toHaveLength(1);
    const shown = await rig.call('GET', `/v1/tenants/${tenant}/endpoints/${endpoint.id}`);
    expect(shown.body).toMatchObject({ enabled: false, disabled_reason: 'gone' });
    const next = await rig.publish(tenant);
    expect((await rig.delivery(tenant, next.delivery_ids[0]!)).status).toBe('held');
  });
});
