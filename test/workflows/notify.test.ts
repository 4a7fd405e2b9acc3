/** The workflows that mail and that probe, in virtual time: gathering, a mail server that is away for days, messages. */
import { randomUUID } from 'node:crypto';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { NotifyActivities, NoticeEnd } from '../../activities/notify.ts';
import type { ProbeActivities, ProbeEnd } from '../../activities/probe.ts';
import { attemptsQueue, noticesQueue } from '../../src/temporal/names.ts';
import type { probe } from '../../workflows/probe.ts';
import type { notify, NotifyInput } from '../../workflows/notify.ts';
import { startVirtualTime, type VirtualTime } from '../support/virtual-time.ts';

let time: VirtualTime;
let worker: Worker;
let running: Promise<void>;
/** What the activities meet, by endpoint. */
const scripts = new Map<string, Script>();

interface Script {
  /** Milliseconds that each notice still gathers when it is first asked for. */
  notices: number[];
  /** Virtual time at which the mail server is there. */
  awayUntilMs?: number;
  /** The first try of the first notice leaves an address to be tried again so much later. */
  deferredForMs?: number;
  sentAtMs: number[];
  tries: number;
  asked: number;
}

beforeAll(async () => {
  time = await startVirtualTime();
  const dueAtMs = new Map<string, number>();
  const activities: NotifyActivities = {
    async nextNotice({ endpointId }) {
      const script = scripts.get(endpointId)!;
      script.asked += 1;
      if (script.sentAtMs.length >= script.notices.length) return null;
      const place = script.sentAtMs.length;
      const id = `ntc_${endpointId}_${place}`;
      const now = await time.env.currentTimeMs();
      if (!dueAtMs.has(id)) dueAtMs.set(id, now + script.notices[place]!);
      return { id, waitMs: Math.max(0, dueAtMs.get(id)! - now), isTriedAgain: false };
    },
    async sendNotice({ endpointId }): Promise<NoticeEnd> {
      const script = scripts.get(endpointId)!;
      script.tries += 1;
      const now = await time.env.currentTimeMs();
      if (now < (script.awayUntilMs ?? 0)) throw new Error('connect ECONNREFUSED');
      if (script.deferredForMs !== undefined) {
        // It comes after the rest.
        script.notices.push(script.notices.shift()! + script.deferredForMs);
        delete script.deferredForMs;
        dueAtMs.clear();
        return 'deferred';
      }
      script.sentAtMs.push(now);
      return 'sent';
    },
  };
  worker = await Worker.create({
    connection: time.env.nativeConnection,
    taskQueue: noticesQueue(time.taskQueue),
    activities,
  });
  running = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await time.stop();
});

async function start(notices: number[], more: Partial<Script> = {}) {
  const endpointId = `ep_${randomUUID()}`;
  const script: Script = { notices, sentAtMs: [], tries: 0, asked: 0, ...more };
  scripts.set(endpointId, script);
  const handle = await time.env.client.workflow.start<typeof notify>('notify', {
    taskQueue: time.taskQueue,
    workflowId: endpointId,
    args: [{ tenantId: 't', endpointId }],
  });
  return { handle, script };
}

it('waits until a notice has gathered enough, mails it, and goes on with the next', async () => {
  const startedAtMs = await time.env.currentTimeMs();
  const { handle, script } = await start([600_000, 0, 600_000]);
  expect(await handle.result()).toEqual({ sent: 3 });
  const [first, second, third] = script.sentAtMs.map((at) => at - startedAtMs);
  expect(first).toBeGreaterThanOrEqual(600_000);
  expect(first).toBeLessThan(660_000);
  expect(second! - first!).toBeLessThan(60_000);
  expect(third! - second!).toBeGreaterThanOrEqual(600_000);
  expect(script.tries).toBe(3);
});

it('a mail server that is away for three days delays, and is asked every ten minutes', async () => {
  const threeDaysMs = 3 * 86_400_000;
  const { handle, script } = await start([0], {
    awayUntilMs: (await time.env.currentTimeMs()) + threeDaysMs,
  });
  expect(await handle.result()).toEqual({ sent: 1 });
  expect(script.tries).toBeGreaterThan(threeDaysMs / 600_000 - 2);
  expect(script.tries).toBeLessThan(threeDaysMs / 600_000 + 20);
});

it('what some addresses wait for keeps no other mail', async () => {
  const startedAtMs = await time.env.currentTimeMs();
  const { handle, script } = await start([0, 0], { deferredForMs: 3_600_000 });
  expect(await handle.result()).toEqual({ sent: 2 });
  const [next, again] = script.sentAtMs.map((at) => at - startedAtMs);
  expect(next).toBeLessThan(60_000);
  expect(again).toBeGreaterThanOrEqual(3_600_000);
  expect(script.tries).toBe(3);
});

it('takes any message: what it knows makes it look, the rest does nothing', async () => {
  const { handle, script } = await start([3_600_000]);
  const asked = () => script.asked;
  while (asked() < 1) await new Promise((resolve) => setTimeout(resolve, 20));
  for (const [name, input] of [
    ['look', { a: 1 }],
    ['nothing of ours', 'x'],
    ['__temporal_x', null],
  ] as const)
    await handle.signal(name, input);
  expect(await handle.result()).toEqual({ sent: 1 });
  expect(asked()).toBeGreaterThan(2);
});

it('an input that makes no sense ends it at once, in words', async () => {
  const result = time.env.client.workflow.execute<typeof notify>('notify', {
    taskQueue: time.taskQueue,
    workflowId: randomUUID(),
    args: [{ endpoint: 'x' } as unknown as NotifyInput],
  });
  await expect(result).rejects.toMatchObject({ cause: { type: 'InvalidInput', message: /its input is/ } });
  expect(inject('workflowBundlePath')).not.toBe('');
});

it('probes come at growing intervals, an hour apart in the end, and stop when it answers', async () => {
  const atMs: number[] = [];
  const ids = new Set<string>();
  const ends: ProbeEnd[] = [...Array.from({ length: 7 }, (): ProbeEnd => 'failed'), 'answered'];
  const activities: ProbeActivities = {
    async makeProbe({ eventId }) {
      ids.add(eventId);
      atMs.push(await time.env.currentTimeMs());
      return ends[atMs.length - 1]!;
    },
  };
  const taskQueue = `probes-${randomUUID()}`;
  const connection = time.env.nativeConnection;
  const workers = [
    await Worker.create({
      connection,
      taskQueue,
      workflowBundle: { codePath: inject('workflowBundlePath') },
    }),
    await Worker.create({ connection, taskQueue: attemptsQueue(taskQueue), activities }),
  ];
  const done = workers.map((one) => one.run());
  const startedAtMs = await time.env.currentTimeMs();
  const result = await time.env.client.workflow.execute<typeof probe>('probe', {
    taskQueue,
    workflowId: randomUUID(),
    args: [{ tenantId: 't', endpointId: 'ep_1' }],
  });
  expect(result).toEqual({ end: 'answered', made: 8 });
  expect(ids.size).toBe(8);
  const minutes = atMs.map((at, index) => Math.round((at - (atMs[index - 1] ?? startedAtMs)) / 60_000));
  expect(minutes).toEqual([5, 10, 20, 40, 60, 60, 60, 60]);
  for (const one of workers) one.shutdown();
  await Promise.all(done);
});
