/** The history of a set is long, and is read beside everything else that a process does. */
import { setImmediate } from 'node:timers/promises';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { expect, it } from 'vitest';
import { readHistory } from '../../src/temporal/history.ts';

const payloads = (value: unknown) => ({ payloads: [defaultPayloadConverter.toPayload(value) as Payload] });
const RUN = { runId: 'run', status: { name: 'COMPLETED' }, startTime: new Date(1_000) };
const PAGES = 3;

/** Signals that are about hundreds, and one on each page that is about ours. */
const pageOf = (page: number) =>
  Array.from({ length: 20 }, (_, n) => ({
    eventId: page * 20 + n + 1,
    workflowExecutionSignaledEventAttributes: {
      signalName: 'retryNow',
      input: payloads({ deliveryId: n === 7 ? 'dlv_1' : 'dlv_2', ...{ more: 'x,'.repeat(200_000) } }),
    },
  }));

it('is fetched in pages, and others have their turn while it is read', async () => {
  const asked: object[] = [];
  const getWorkflowExecutionHistory = ({
    nextPageToken,
    maximumPageSize,
    ...rest
  }: Record<string, unknown>) => {
    const page = (nextPageToken as Uint8Array | undefined)?.[0] ?? 0;
    asked.push({ ...rest, page, isBounded: Number(maximumPageSize) <= 100 });
    const more = page + 1 < PAGES ? new Uint8Array([page + 1]) : new Uint8Array();
    return Promise.resolve({ history: { events: pageOf(page) }, nextPageToken: more });
  };
  const client = {
    options: { namespace: 'ns' },
    workflow: {
      getHandle: () => ({ describe: () => Promise.resolve(RUN) }),
      list: async function* () {},
    },
    workflowService: { getWorkflowExecutionHistory },
  } as unknown as Client;
  let turns = 0;
  let isRead = false;
  const others = (async () => {
    for (; !isRead; turns += 1) await setImmediate();
  })();
  const created = { createdAt: new Date(0), completedAt: null };
  const [run] = await readHistory(client, ['dlv_1'], { id: 'dlv_1', ...created });
  isRead = true;
  await others;
  const execution = { workflowId: 'dlv_1', runId: 'run' };
  expect(asked).toEqual([0, 1, 2].map((page) => ({ namespace: 'ns', execution, page, isBounded: true })));
  expect(run!.entries.map(({ event_id, type, name }) => [event_id, type, name])).toEqual([
    [8, 'signal', 'retryNow'],
    [28, 'signal', 'retryNow'],
    [48, 'signal', 'retryNow'],
  ]);
  expect(turns).toBeGreaterThan(5);
});
