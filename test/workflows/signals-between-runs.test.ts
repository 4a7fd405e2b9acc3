/** On a server of the usual kind: the one with virtual time loses what comes between two runs of a workflow. */
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { retryNow } from '../../workflows/messages.ts';
import { eventually } from '../support/delays.ts';
import { fixedSchedule, startVirtualTime, type VirtualTime } from '../support/virtual-time.ts';

let time: VirtualTime;
beforeAll(async () => void (time = await startVirtualTime({}, inject('temporalAddress'))));
afterAll(() => time.stop());

it('a workflow hears every signal, whichever run it comes to', async () => {
  const flight = await time.deliver({
    schedule: fixedSchedule(1, 3600),
    answer: ({ number }) => (number === 40 ? 200 : 500),
    input: { deliveries: { e1: ['often'] }, eventsPerRun: 20 },
  });
  for (let attempt = 2; attempt <= 40; attempt += 1) {
    await eventually(() => expect(flight.made).toHaveLength(attempt - 1));
    await flight.handle.signal(retryNow, { deliveryId: 'often', after: attempt - 1 });
  }
  expect(await flight.end()).toEqual({ succeeded: 1 });
  expect(flight.made.map(({ number }) => number)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  const runs = time.env.client.workflow.list({ query: `WorkflowId = "${flight.id}"` });
  const ids: string[] = [];
  for await (const { runId } of runs) ids.push(runId);
  expect(ids.length).toBeGreaterThan(3);
});
