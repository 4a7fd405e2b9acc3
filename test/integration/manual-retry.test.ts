import { describe, expect, it } from 'vitest';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();

const retry = (tenant: string, id: string) =>
  rig.call('POST', `/v1/tenants/${tenant}/deliveries/${id}/retry`);
const triggers = (delivery: Json) => delivery.attempts.map((attempt: Json) => attempt.trigger);

const deliver: typeof rig.deliver = (...how) => rig.deliver(...how);
const withAttempts = (tenant: string, id: string, count: number) =>
  until(
    () => rig.delivery(tenant, id),
    (found) => found.attempt_count === count,
  );

describe.concurrent('a manual retry', () => {
  it('delivers what had failed for good', async () => {
    const { tenant, path, id } = await deliver(500, 'failed', { max_retries: 0 });
    rig.receiver.answerAt(path, 200);
    expect((await retry(tenant, id)).status).toBe(202);
    const delivery = await rig.settled(tenant, id, 'succeeded');
    expect(triggers(delivery)).toEqual(['schedule', 'manual']);
    expect(delivery).toMatchObject({ attempt_count: 2, last_status_code: 200, last_error_class: null });
    const [first, second] = rig.receiver.at(path);
    expect(second!.body).toBe(first!.body);
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
  });

  it('of what had failed leaves it failed when it fails again, however often', async () => {
    const { tenant, id } = await deliver(500, 'failed', { max_retries: 0 });
    for (const count of [2, 3, 4]) {
      expect((await retry(tenant, id)).status).toBe(202);
      expect(await withAttempts(tenant, id, count)).toMatchObject({
        status: 'failed',
        next_attempt_at: null,
      });
    }
  });

  it('delivers what waits at once, and the schedule is over', async () => {
    const { tenant, path, id } = await deliver(500, 'retrying', { retry_schedule_seconds: [3600] });
    rig.receiver.answerAt(path, 200);
    expect((await retry(tenant, id)).status).toBe(202);
    const delivery = await rig.settled(tenant, id, 'succeeded');
    expect(triggers(delivery)).toEqual(['schedule', 'manual']);
    expect(delivery.next_attempt_at).toBeNull();
    const { status } = await until(
      () => rig.temporal.workflow.getHandle(id).describe(),
      (found) => found.status.name !== 'RUNNING',
    );
    expect(status.name).toBe('COMPLETED');
  });

  it('of what waits uses up no step of the schedule and moves none', async () => {
    const { tenant, path, id, delivery } = await deliver(500, 'retrying', { retry_schedule_seconds: [5, 0] });
    expect((await retry(tenant, id)).status).toBe(202);
    const between = await withAttempts(tenant, id, 2);
    expect(between).toMatchObject({ status: 'retrying', next_attempt_at: delivery.next_attempt_at });
    const failed = await rig.settled(tenant, id, 'failed');
    expect(triggers(failed)).toEqual(['schedule', 'manual', 'schedule', 'schedule']);
    expect(failed.attempts.map((attempt: Json) => attempt.number)).toEqual([1, 2, 3, 4]);
    const dueAtMs = Date.parse(delivery.next_attempt_at);
    expect(rig.receiver.at(path)[2]!.atMs).toBeGreaterThanOrEqual(dueAtMs - 5);
  });

  it('sends what was delivered once more, each time it is asked for', async () => {
    const { tenant, path, id } = await deliver(200, 'succeeded', {});
    for (const count of [2, 3, 4]) {
      expect((await retry(tenant, id)).status).toBe(202);
      await rig.calls(path, count);
      expect(await withAttempts(tenant, id, count)).toMatchObject({ status: 'succeeded' });
    }
    expect(triggers(await rig.delivery(tenant, id))).toEqual(['schedule', 'manual', 'manual', 'manual']);
  });

  it('that fails leaves a delivered one delivered', async () => {
    const { tenant, path, id, delivery } = await deliver(200, 'succeeded', {});
    rig.receiver.answerAt(path, 500);
    await retry(tenant, id);
    const again = await withAttempts(tenant, id, 2);
    expect(again).toMatchObject({ status: 'succeeded', completed_at: delivery.completed_at });
    expect(again.attempts[1]).toMatchObject({ trigger: 'manual', status_code: 500 });
  });

  it('right after the delivery is never lost', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    await rig.endpoint(tenant, path);
    for (let i = 1; i <= 10; i += 1) {
      const { delivery_ids } = await rig.publish(tenant);
      const id = delivery_ids[0]!;
      await rig.calls(path, 2 * i - 1);
      await until(
        async () => (await rig.sql('SELECT status FROM deliveries WHERE id = $1', id))[0].status,
        (status) => status === 'succeeded',
        1,
      );
      expect((await retry(tenant, id)).status).toBe(202);
      await withAttempts(tenant, id, 2);
    }
  });

  it('brings back what had been cancelled', async () => {
    const { tenant, path, id } = await deliver(500, 'retrying', { retry_schedule_seconds: [3600] });
    await rig.call('POST', `/v1/tenants/${tenant}/deliveries/${id}/cancel`);
    rig.receiver.answerAt(path, 200);
    expect((await retry(tenant, id)).status).toBe(202);
    expect(triggers(await rig.settled(tenant, id, 'succeeded'))).toEqual(['schedule', 'manual']);
  });

  it('is refused while the endpoint is disabled, and when it is gone', async () => {
    const { tenant, id, endpoint } = await deliver(500, 'failed', { max_retries: 0 });
    const path = `/v1/tenants/${tenant}/endpoints/${endpoint.id}`;
    await rig.call('POST', `${path}/disable`);
    expectProblem(await retry(tenant, id), 409);
    await rig.call('DELETE', path);
    expectProblem(await retry(tenant, id), 409);
    expect(await rig.delivery(tenant, id)).toMatchObject({ status: 'failed', attempt_count: 1 });
  });
});

describe.concurrent('cancelling', () => {
  const cancel = (tenant: string, id: string) =>
    rig.call('POST', `/v1/tenants/${tenant}/deliveries/${id}/cancel`);

  it('ends a waiting delivery and its workflow', async () => {
    const { tenant, path, id } = await deliver(500, 'retrying', { retry_schedule_seconds: [3600] });
    const answer = await cancel(tenant, id);
    expect(answer).toMatchObject({ status: 202, body: { id, status: 'cancelled' } });
    const delivery = await rig.delivery(tenant, id);
    expect(delivery).toMatchObject({ status: 'cancelled', next_attempt_at: null, attempt_count: 1 });
    expect(delivery.completed_at).not.toBeNull();
    expect(await rig.workflowResult(id)).toEqual({ cancelled: 1 });
    expect(rig.receiver.at(path)).toHaveLength(1);
  });

  it('is refused for what has ended', async () => {
    const succeeded = await deliver(200, 'succeeded', {});
    const failed = await deliver(500, 'failed', { max_retries: 0 });
    for (const { tenant, id, delivery } of [succeeded, failed]) {
      expectProblem(await cancel(tenant, id), 409);
      expect((await rig.delivery(tenant, id)).status).toBe(delivery.status);
    }
    const waiting = await deliver(500, 'retrying', { retry_schedule_seconds: [3600] });
    expect((await cancel(waiting.tenant, waiting.id)).status).toBe(202);
    expectProblem(await cancel(waiting.tenant, waiting.id), 409);
  });

  it('makes no further attempt when the next is about to be made', async () => {
    const { tenant, path, id } = await deliver(500, 'retrying', { retry_schedule_seconds: [5, 1, 1] });
    await cancel(tenant, id);
    await rig.workflowResult(id);
    expect(rig.receiver.at(path)).toHaveLength(1);
    expect((await rig.delivery(tenant, id)).status).toBe('cancelled');
  });

  it('the workflow in Temporal cancels the delivery', async () => {
    const { tenant, id } = await deliver(500, 'retrying', { retry_schedule_seconds: [3600] });
    const handle = rig.temporal.workflow.getHandle(id);
    await until(
      () => handle.describe().catch(() => null),
      (found) => found !== null,
    );
    await handle.cancel();
    const delivery = await rig.settled(tenant, id, 'cancelled');
    expect(delivery).toMatchObject({ next_attempt_at: null, attempt_count: 1 });
    await expect(handle.result()).rejects.toThrow(/cancel/i);
  });
});
