/** The way to Temporal cut at awkward moments. */
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, it } from 'vitest';
import { startProxy } from '../support/proxy.ts';
import { expectCounts, numberOf, numbers, setStage, type OnFinished } from '../support/stage.ts';
import { until } from '../support/until.ts';

async function startTemporalProxy(onFinished: OnFinished) {
  const proxy = await startProxy(Number(inject('temporalAddress').split(':')[1]));
  onFinished(() => proxy.stop());
  return { ...proxy, address: `127.0.0.1:${proxy.port}` };
}

/** Asks Temporal itself. */
async function isRunning(workflowId: string): Promise<boolean> {
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  try {
    const { status } = await new Client({ connection }).workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  } finally {
    await connection.close();
  }
}

/** Of a lane, twice: the first about when Temporal goes away. */
const FAILING = [7, 30, 55];

describe.concurrent('Temporal', () => {
  it('lost just after the start of Posthorn: the worker is started all the same, later', async ({
    onTestFinished,
  }) => {
    const proxy = await startTemporalProxy(onTestFinished);
    const temporal = { temporalAddress: proxy.address, withoutTemporal: true, env: { DISPATCH: 'fast' } };
    const stage = await setStage(onTestFinished, temporal);
    await until(proxy.accepted, (count) => count > 0);
    // Connected: it looks around, and begins to make its workers.
    await sleep(200);
    proxy.cut();
    await stage.endpoint('/a', { retry_schedule_seconds: [1] });
    const seen = new Set<number>();
    stage.receiver.answer((request, response) => {
      response.writeHead(seen.has(numberOf(request)) ? 200 : 500).end();
      seen.add(numberOf(request));
    });
    for (const n of numbers(1, 5)) expect((await stage.publish(n)).status).toBe(202);
    await stage.deliveries('retrying', 5);
    // Longer than the SDK tries on by itself.
    await sleep(20_000);
    proxy.restore();
    await stage.deliveries('succeeded', 5);
    expectCounts(stage.counts('/a'), numbers(1, 5), 2);
  });

  it('away for half a minute with DISPATCH=strict: then all are delivered once, and no slot stays taken', async ({
    onTestFinished,
  }) => {
    const proxy = await startTemporalProxy(onTestFinished);
    const env = { DISPATCH: 'strict', MAX_IN_FLIGHT_PER_ENDPOINT: '2' };
    const stage = await setStage(onTestFinished, { temporalAddress: proxy.address, env });
    await stage.endpoint('/a');
    proxy.cut();
    await stage.publishMany(1, 20);
    await sleep(28_000);
    expect(stage.receiver.received).toEqual([]);
    proxy.restore();
    await stage.deliveries('succeeded', 20);
    await stage.publishMany(21, 40);
    await stage.deliveries('succeeded', 40);
    expectCounts(stage.counts('/a'), numbers(1, 40), 1);
  });

  it.for(['fast', 'strict'])(
    'away while a lane is worked through, with DISPATCH=%s: all come later, each after those before it',
    async (dispatch, { onTestFinished }) => {
      const proxy = await startTemporalProxy(onTestFinished);
      const env = { DISPATCH: dispatch };
      const stage = await setStage(onTestFinished, { temporalAddress: proxy.address, env });
      stage.receiver.answerAt('/a', (request, response) => {
        const seen = stage.receiver.at('/a').filter((one) => numberOf(one) === numberOf(request));
        setTimeout(
          () => response.writeHead(FAILING.includes(numberOf(request)) && seen.length < 3 ? 500 : 200).end(),
          20,
        );
      });
      await stage.endpoint('/a', { ordering: 'fifo', retry_schedule_seconds: Array<number>(9).fill(1) });
      await stage.publishMany(1, 40);
      await until(
        () => stage.counts('/a').size,
        (count) => count > 5,
      );
      proxy.cut();
      await stage.publishMany(41, 60);
      // Longer than Temporal waits for a heartbeat: it gives the lane's task to another worker.
      await sleep(10_000);
      proxy.restore();
      await stage.deliveries('succeeded', 60);
      const came = stage.receiver.at('/a').map(numberOf);
      const order = came.filter((n, index) => n !== came[index - 1]);
      expect(order).toEqual(numbers(1, 60));
    },
  );

  it('cut off together with Postgres, when an outcome is in neither: it is not sought by a second request', async ({
    onTestFinished,
  }) => {
    const proxy = await startTemporalProxy(onTestFinished);
    const databaseProxy = await startProxy(Number(new URL(inject('databaseAdminUrl')).port));
    onTestFinished(() => databaseProxy.stop());
    const stage = await setStage(onTestFinished, { temporalAddress: proxy.address, databaseProxy });
    await stage.endpoint('/a');
    stage.receiver.answer((_, response) => {
      databaseProxy.cut();
      response.end();
    });
    const { body } = await stage.publish(1);
    // The record is given up after three seconds; then the workflow starts, and cannot reach Postgres either.
    await until(() => isRunning(body.delivery_ids[0] as string), Boolean, 200);
    await sleep(2_000);
    proxy.cut();
    databaseProxy.restore();
    // The workflow learns the outcome, and its task is lost with it: Temporal gives the task out again.
    await sleep(12_000);
    proxy.restore();
    await stage.deliveries('succeeded', 1);
    expectCounts(stage.counts('/a'), [1], 1);
  });
});
