/**
 * The order of a lane, whatever comes between: two processes that publish and deliver, a receiver that fails at random,
 * retries by hand, one process killed and one held up. At the receiver, what was accepted first comes first.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startChild, type Child } from '../support/child.ts';
import type { Received } from '../support/receiver.ts';
import { setStage, TENANT, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';

const KEYS = ['', 'a', 'b'];
const PER_PUBLISHER = 25;

interface Published {
  n: number;
  key: string;
  askedMs: number;
  answeredMs: number;
}

const numberIn = ({ body }: Received) => (JSON.parse(body) as { data: { n: number } }).data.n;

/** One after the other, through one of the processes; an answer that was lost is asked for again under the same id. */
async function publishAll(child: Child, from: number, key: string, accepted: Published[]): Promise<void> {
  for (let n = from; n < from + PER_PUBLISHER; n += 1) {
    const event = { id: `e-${n}`, type: 'a.b', data: { n }, ...(key === '' ? {} : { ordering_key: key }) };
    const askedMs = performance.now();
    await until(
      () => child.call('POST', `${TENANT}/events`, event).catch(() => ({ status: 0 })),
      ({ status }) => status === 202 || status === 200,
    );
    accepted.push({ n, key, askedMs, answeredMs: performance.now() });
    await sleep(20 * Math.random());
  }
}

/**
 * Until told to stop: retries what waits, now and then. Returns the numbers of those that had ended when the retry came:
 * they are sent once more, beside the order.
 */
async function retryByHand({ child, sql }: Stage, isOver: () => boolean): Promise<Set<number>> {
  const besideTheOrder = new Set<number>();
  while (!isOver()) {
    const [waiting] = await sql<{ id: string; n: number }>(
      `SELECT d.id, (e.data::jsonb ->> 'n')::int AS n FROM deliveries d JOIN events e ON e.uid = d.event_uid
        WHERE d.status = 'retrying' ORDER BY random() LIMIT 1`,
    );
    if (waiting) {
      const path = `${TENANT}/deliveries/${waiting.id}/retry`;
      const note = await child.call('POST', path).then(
        ({ body }) => (body as { note?: string }).note,
        () => 'no answer: it may have come when the delivery had ended',
      );
      if (note) besideTheOrder.add(waiting.n);
    }
    await sleep(200);
  }
  return besideTheOrder;
}

it('is kept by two processes, of which one is killed and one held up', async (test) => {
  const stage = await setStage(test.onTestFinished);
  const other = await startChild({
    databaseUrl: stage.databaseUrl,
    env: { POSTHORN_TASK_QUEUE: stage.child.env.POSTHORN_TASK_QUEUE },
  });
  test.onTestFinished(() => other.kill9());
  let failing = 0.2;
  stage.receiver.answerAt('/a', (_, response) => {
    setTimeout(() => response.writeHead(Math.random() < failing ? 500 : 200).end(), 2);
  });
  await stage.endpoint('/a', { ordering: 'fifo', retry_schedule_seconds: Array<number>(30).fill(1) });

  const accepted: Published[] = [];
  let isOver = false;
  const hand = retryByHand(stage, () => isOver);
  const publishers = KEYS.flatMap((key, index) =>
    [stage.child, other].map((child, side) => {
      const place = index * 2 + side;
      return publishAll(child, place * PER_PUBLISHER, key, accepted);
    }),
  );
  await until(
    () => stage.receiver.at('/a').length,
    (count) => count > 20,
  );
  await other.kill9();
  await sleep(500);
  await other.restart();
  stage.child.suspend();
  await sleep(4_000);
  stage.child.resume();
  await Promise.all(publishers);
  failing = 0;
  const all = KEYS.length * 2 * PER_PUBLISHER;
  await stage.deliveries('succeeded', all);
  isOver = true;
  const besideTheOrder = await hand;

  for (const key of KEYS) {
    const ofKey = accepted.filter((one) => one.key === key);
    const known = new Map(ofKey.map((one) => [one.n, one]));
    const received = stage.receiver
      .at('/a')
      .map(numberIn)
      .filter((n) => known.has(n));
    const inTheLane = received.filter((n, index) => !besideTheOrder.has(n) || received.indexOf(n) === index);
    const order = inTheLane.filter((n, index) => n !== inTheLane[index - 1]);
    // One at a time: when the next has come, none before it comes again.
    expect(order).toEqual([...new Set(order)]);
    expect(order).toHaveLength(ofKey.length);
    // Whatever had been answered before another was sent, comes before it.
    for (const [index, n] of order.entries())
      for (const later of order.slice(index + 1))
        expect(known.get(later)!.answeredMs, `${later} came after ${n}`).toBeGreaterThan(
          known.get(n)!.askedMs,
        );
  }
});
