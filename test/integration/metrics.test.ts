import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_KEY, createDatabase, startTestPosthorn, type TestPosthorn } from '../support/posthorn.ts';
import { startTestReceiver, type TestReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

let api: TestPosthorn;
let worker: TestPosthorn;
let receiver: TestReceiver;

/** What the process with the port for metrics tells, without any key. */
async function scraped(path = '/metrics'): Promise<{ status: number; text: string }> {
  const answer = await fetch(`http://127.0.0.1:${worker.posthorn.metricsPort}${path}`);
  return { status: answer.status, text: await answer.text() };
}

/** The value of a series, 0 where there is none yet. */
function valueOf(text: string, series: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? 0 : Number(line.slice(series.length));
}

async function publish(path: string, settings: object): Promise<void> {
  const endpoint = { url: receiver.url + path, events: ['thing.made'], max_retries: 0, ...settings };
  expect((await api.call('POST', `/v1/tenants/${path.slice(1)}/endpoints`, endpoint)).status).toBe(201);
  const event = { type: 'thing.made', data: { n: 1 } };
  expect((await api.call('POST', `/v1/tenants/${path.slice(1)}/events`, event)).status).toBe(202);
}

const common = { POSTHORN_TASK_QUEUE: `metrics-${randomUUID()}` };

beforeAll(async () => {
  const databaseUrl = await createDatabase();
  receiver = await startTestReceiver();
  worker = await startTestPosthorn(
    { ...common, POSTHORN_ROLE: 'worker', METRICS_PORT: '0', HOST: '127.0.0.1' },
    databaseUrl,
  );
  api = await startTestPosthorn({ ...common, POSTHORN_ROLE: 'api' }, databaseUrl);
});

afterAll(async () => {
  await api?.stop();
  await worker?.stop();
  await receiver?.stop();
});

describe('metrics', () => {
  it('tell of a worker what it delivered, what failed and why, and how long that took', async () => {
    receiver.answerAt('/fine', 200);
    receiver.answerAt('/broken', 500);
    await publish('/fine', {});
    await publish('/broken', {});
    const { text } = await until(
      () => scraped(),
      (seen) =>
        valueOf(seen.text, 'posthorn_deliveries_ended_total{status="succeeded"}') === 1 &&
        valueOf(seen.text, 'posthorn_deliveries_ended_total{status="failed"}') === 1 &&
        valueOf(seen.text, 'posthorn_workflow_starts_total{result="started"}') === 2,
    );
    expect(valueOf(text, 'posthorn_attempts_total{class="succeeded"}')).toBe(1);
    expect(valueOf(text, 'posthorn_attempts_total{class="http"}')).toBe(1);
    expect(valueOf(text, 'posthorn_attempt_duration_seconds_count')).toBe(2);
    expect(valueOf(text, 'posthorn_first_attempt_delay_seconds_count')).toBe(2);
    expect(valueOf(text, 'posthorn_first_attempt_delay_seconds_sum')).toBeGreaterThan(0);
    expect(valueOf(text, 'posthorn_group_commit_size_sum{what="record"}')).toBe(2);
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
  });

  it('have what Temporal counts beside ours', async () => {
    await until(
      () => scraped(),
      ({ text }) => /^temporal_\S+ \d/m.test(text) && /^posthorn_\S+ \d/m.test(text),
    );
  });

  it('of the API need its key, and tell what was accepted', async () => {
    expect((await fetch(`${api.url}/metrics`)).status).toBe(401);
    const answer = await fetch(`${api.url}/metrics`, { headers: { authorization: `Bearer ${API_KEY}` } });
    expect(answer.headers.get('content-type')).toContain('text/plain');
    const text = await answer.text();
    expect(valueOf(text, 'posthorn_events_accepted_total')).toBe(2);
    expect(valueOf(text, 'posthorn_deliveries_accepted_total')).toBe(2);
  });

  it('tell how much waits in the table, and since when', async () => {
    await worker.stop();
    await publish('/late', {});
    await publish('/ordered', { ordering: 'fifo' });
    // That the first has read a moment ago, it goes on telling for a while.
    const other = await startTestPosthorn({ ...common, POSTHORN_ROLE: 'api' }, api.databaseUrl);
    const headers = { authorization: `Bearer ${API_KEY}` };
    const text = await (await fetch(`${other.url}/metrics`, { headers })).text();
    await other.stop();
    expect(valueOf(text, 'posthorn_backlog_deliveries')).toBe(1);
    expect(valueOf(text, 'posthorn_lanes')).toBe(1);
    expect(valueOf(text, 'posthorn_backlog_oldest_seconds')).toBeGreaterThan(0);
    expect(valueOf(text, 'posthorn_retries_overdue')).toBe(0);
    expect(valueOf(text, 'posthorn_lane_deliveries')).toBe(1);
    expect(valueOf(text, 'posthorn_lane_oldest_seconds')).toBeGreaterThan(0);
    expect(valueOf(text, 'posthorn_lanes_overdue')).toBe(0);
  });
});

describe('the port for metrics', () => {
  it('says whether the process lives and whether it can work', async () => {
    const other = await startTestPosthorn({ POSTHORN_ROLE: 'worker', METRICS_PORT: '0' });
    const at = `http://127.0.0.1:${other.posthorn.metricsPort}`;
    expect((await fetch(`${at}/healthz`)).status).toBe(200);
    expect((await fetch(`${at}/readyz`)).status).toBe(200);
    expect((await fetch(`${at}/v1/event-types`)).status).toBe(404);
    await other.stop();
    await expect(fetch(`${at}/healthz`)).rejects.toThrow();
  });
});
