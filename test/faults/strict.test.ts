/** DISPATCH=strict: what happened to a delivery while its workflow was on its way counts for its first attempt. */
import { describe, expect, inject, it } from 'vitest';
import { startChild } from '../support/child.ts';
import { startProxy, type TestProxy } from '../support/proxy.ts';
import { expectCounts, numbers, setStage, TENANT, type OnFinished, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';

/** Temporal is cut off: what is published waits here, with a slot kept for it, for its workflow to be started. */
async function cutFromTemporal(onFinished: OnFinished): Promise<{ stage: Stage; proxy: TestProxy }> {
  const proxy = await startProxy(Number(inject('temporalAddress').split(':')[1]));
  onFinished(() => proxy.stop());
  const stage = await setStage(onFinished, {
    temporalAddress: `127.0.0.1:${proxy.port}`,
    env: { DISPATCH: 'strict' },
  });
  await stage.endpoint('/a', { retry_schedule_seconds: [3600] });
  proxy.cut();
  return { stage, proxy };
}

const workflowsEnded = (stage: Stage, ids: string[]) =>
  until(
    () => stage.sql('SELECT 1 FROM deliveries WHERE id = ANY($1) AND status = $2', ids, 'cancelled'),
    (rows) => rows.length === ids.length,
  );

describe.concurrent('a first attempt, with DISPATCH=strict,', () => {
  it('is not made when the delivery was cancelled while it waited at the gate', async ({
    onTestFinished,
  }) => {
    const env = { DISPATCH: 'strict', MAX_IN_FLIGHT_PER_ENDPOINT: '1' };
    const stage = await setStage(onTestFinished, { env });
    await stage.endpoint('/slow', { retry_schedule_seconds: [3600] });
    let answerFirst = () => {};
    stage.receiver.answerAt('/slow', (_, response) => (answerFirst = () => void response.end()));
    await stage.publish(1);
    await until(
      () => stage.receiver.at('/slow').length,
      (posts) => posts === 1,
    );
    const id: string = (await stage.publish(2)).body.delivery_ids[0];
    expect((await stage.child.call('POST', `${TENANT}/deliveries/${id}/cancel`)).status).toBe(202);
    stage.receiver.answerAt('/slow', 200);
    answerFirst();
    await stage.publish(3);
    await stage.deliveries('succeeded', 2);
    await workflowsEnded(stage, [id]);
    expectCounts(stage.counts('/slow'), [1, 3], 1);
  });

  it('is not made when the delivery was cancelled in the table, and nobody said so', async ({
    onTestFinished,
  }) => {
    const { stage, proxy } = await cutFromTemporal(onTestFinished);
    const id: string = (await stage.publish(1)).body.delivery_ids[0];
    await stage.sql(`UPDATE deliveries SET status = 'cancelled', completed_at = now() WHERE id = $1`, id);
    await stage.publish(2);
    proxy.restore();
    await stage.deliveries('succeeded', 1);
    expectCounts(stage.counts('/a'), [2], 1);
  });

  it('is not made by a process that was held up, when another has made it meanwhile', async ({
    onTestFinished,
  }) => {
    const { stage, proxy } = await cutFromTemporal(onTestFinished);
    await stage.publishMany(1, 20);
    stage.child.suspend();
    const env = { DISPATCH: 'strict', POSTHORN_TASK_QUEUE: stage.child.env.POSTHORN_TASK_QUEUE };
    const other = await startChild({ databaseUrl: stage.databaseUrl, env });
    onTestFinished(() => other.kill9());
    await stage.deliveries('succeeded', 20);
    stage.child.resume();
    proxy.restore();
    // Its workflows are started after that of what is published last.
    expect((await stage.publish(21)).status).toBe(202);
    await stage.deliveries('succeeded', 21);
    expectCounts(stage.counts('/a'), numbers(1, 21), 1);
  });
});
