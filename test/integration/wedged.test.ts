/**
 * A workflow that cannot go on, here by a mistake in a version of ours: it is noticed, and an operator gets it going
 * again as docs/operating.md says. Its deliveries come to no harm.
 */
import { Client, Connection } from '@temporalio/client';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import pino from 'pino';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { findTemporal } from '../../src/embedded/temporal-binary.ts';
import { API_KEY, startTestPosthorn, type TestPosthorn } from '../support/posthorn.ts';
import { startTestReceiver, type TestReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const DELIVERIES = '/v1/tenants/acme/deliveries';
const lines: string[] = [];
let receiver: TestReceiver;
let broken: TestPosthorn;
let connection: Connection;
let temporal: (...args: string[]) => Promise<string>;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const code = readFileSync(inject('workflowBundlePath'), 'utf8');
  const mistake = code.replace(
    'function retryMember(flight,member,after){',
    '$& throw new TypeError("oh no");',
  );
  expect(mistake).not.toBe(code);
  broken = await startTestPosthorn({ WORKFLOW_STARTS_PER_SECOND: '1000' }, undefined, {
    workflowBundle: { code: mistake },
    log: pino({ level: 'warn' }, { write: (line) => void lines.push(line) }),
  });
  receiver = await startTestReceiver();
  connection = await Connection.connect({ address: inject('temporalAddress') });
  const program = await findTemporal({ log: () => {} });
  temporal = async (...args) =>
    (await promisify(execFile)(program, [...args, '--address', inject('temporalAddress')])).stdout;
  closing.push(
    () => receiver.stop(),
    () => connection.close(),
  );
});
afterAll(() => Promise.all(closing.map((close) => close())));

it('is said with what to do about it, and goes on where it was after a reset', async () => {
  receiver.answerAt('/hook', 500);
  const endpoint = { url: `${receiver.url}/hook`, retry_schedule_seconds: [3600] };
  await broken.call('POST', '/v1/tenants/acme/endpoints', endpoint);
  const published = await broken.call('POST', '/v1/tenants/acme/events', { type: 'a.b', data: {} });
  const id: string = published.body.delivery_ids[0];
  const handle = new Client({ connection }).workflow.getHandle(id);
  await until(
    () => handle.fetchHistory().catch(() => null),
    (history) => (history?.events ?? []).some((event) => event.timerStartedEventAttributes),
  );

  await handle.signal('retryNow');
  const said = await until(
    () => lines.find((line) => line.includes('the tasks of a workflow keep failing')),
    (line) => line !== undefined,
  );
  expect(said).toContain('oh no');
  // Where, in our files; and not all of the bundle in front of it.
  expect(said).toContain('answer-messages.ts:');
  expect(said!.length).toBeLessThan(10_000);
  const { level, find, help } = JSON.parse(said!) as { level: number; find: string; help: string };
  expect(level).toBe(50);
  const metrics = await fetch(`${broken.url}/metrics`, { headers: { authorization: `Bearer ${API_KEY}` } });
  expect(await metrics.text()).toMatch(/^posthorn_workflow_task_failures_total [1-9]/m);
  expect(help).toContain('operating.md');
  // As it is told there: nothing but the program's name is put before it.
  const query = /--query '(.*)'/.exec(find)![1]!;
  expect(await temporal('workflow', 'list', '--query', query)).toContain(id);

  // The mistake is mended, and the program started anew.
  await broken.stop();
  const mended = await startTestPosthorn(
    { POSTHORN_TASK_QUEUE: broken.config.taskQueue },
    broken.databaseUrl,
  );
  closing.push(() => mended.stop());
  const why = ['--reason', 'a mistake in version 1.2.3', '--reapply-exclude', 'Signal'];
  await temporal('workflow', 'reset', '--workflow-id', id, '--type', 'FirstWorkflowTask', ...why);
  const state = () => handle.query<{ status: string; attempts: number }[]>('state');
  await until(
    () => state().catch(() => []),
    ([one]) => one?.status === 'waiting' && one.attempts === 1,
  );
  // It found its attempt in the log, and made none twice.
  expect(receiver.at('/hook')).toHaveLength(1);
  receiver.answerAt('/hook', 200);
  expect((await mended.call('POST', `${DELIVERIES}/${id}/retry`)).status).toBe(202);
  await until(
    () => mended.call('GET', `${DELIVERIES}/${id}`),
    ({ body }) => body.status === 'succeeded',
  );
  expect(receiver.at('/hook')).toHaveLength(2);
});

it('does not take a delivery that failed for a fault of ours', async () => {
  lines.length = 0;
  const app = await startTestPosthorn({ WORKFLOW_STARTS_PER_SECOND: '1000' });
  closing.push(() => app.stop());
  receiver.answerAt('/failing', 500);
  await app.call('POST', '/v1/tenants/acme/endpoints', { url: `${receiver.url}/failing`, max_retries: 0 });
  const published = await app.call('POST', '/v1/tenants/acme/events', { type: 'a.b', data: {} });
  const handle = new Client({ connection }).workflow.getHandle(published.body.delivery_ids[0]);
  await until(
    () => handle.describe().catch(() => null),
    (found) => found?.status.name === 'FAILED',
  );
  await new Client({ connection }).workflow.start('delivery', {
    taskQueue: app.config.taskQueue,
    workflowId: `nonsense-${handle.workflowId}`,
    args: [],
  });
  // The next of ours is said; what would have been said before it has been, then.
  await until(
    () => lines.filter((line) => line.includes('Workflow failed')),
    (found) => found.length > 0,
  );
  expect(lines.filter((line) => line.includes('failed'))).toEqual([
    expect.stringContaining('cannot be carried out'),
  ]);
});
