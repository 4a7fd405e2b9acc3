/** What nearly every integration test needs: a Posthorn, a receiver, and the calls that a platform makes, in short. */
import { Client, Connection } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject } from 'vitest';
import type { PosthornOptions } from '../../src/posthorn.ts';
import { retentionSchedule, statsSchedule } from '../../src/temporal/names.ts';
import { dropDatabase, startTestPosthorn, type Answer, type TestPosthorn } from './posthorn.ts';
import { startTestReceiver, type Behaviour, type Received, type TestReceiver } from './receiver.ts';
import { until } from './until.ts';

// Answers are JSON, asserted field by field.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

export interface Rig extends TestPosthorn {
  receiver: TestReceiver;
  temporal: Client;
  /** Makes an endpoint for a path of the receiver (or any `url`); returns what the API answered. */
  endpoint(tenant: string, path: string, settings?: object): Promise<Json>;
  /** Publishes one event, `a.b` unless told otherwise; returns the answer's body. */
  publish(tenant: string, event?: object): Promise<{ id: string; delivery_ids: string[] }>;
  delivery(tenant: string, id: string): Promise<Json>;
  /** Waits until the delivery has that status and returns it with its attempts. */
  settled(tenant: string, id: string, status: string): Promise<Json>;
  /** Publishes one event to an endpoint of a new tenant that answers like that, and waits for that status. */
  deliver(behaviour: Behaviour, status: string, settings?: object): Promise<Delivered>;
  /** Waits until the path was called so often. */
  calls(path: string, count: number): Promise<Received[]>;
  /** What a workflow came to; also of one that is about to be started. */
  workflowResult(workflowId: string): Promise<Json>;
  sql<Row = Json>(text: string, ...values: unknown[]): Promise<Row[]>;
}

export interface Delivered {
  tenant: string;
  path: string;
  endpoint: Json;
  id: string;
  delivery: Json;
  attempts: Json[];
}

/** Call it at the top of a test file. The servers start before its tests and stop after them. */
export function useRig(env: NodeJS.ProcessEnv = {}, overrides: Partial<PosthornOptions> = {}): Rig {
  const rig = {} as Rig;
  const closing: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    const [app, receiver, connection] = await Promise.all([
      // A workflow for each delivery, however fast a file's tests publish; those about sets say otherwise.
      startTestPosthorn({ WORKFLOW_STARTS_PER_SECOND: '1000', ...env }, undefined, overrides),
      startTestReceiver(),
      Connection.connect({ address: inject('temporalAddress') }),
    ]);
    const pool = new pg.Pool({ connectionString: app.databaseUrl, max: 2 });
    closing.push(
      () => app.stop(),
      () => receiver.stop(),
      () => connection.close(),
      () => pool.end(),
    );
    const temporal = new Client({ connection });
    const workflowResult = (id: string) => resultOf(temporal, id);
    Object.assign(rig, app, { receiver, temporal, workflowResult }, callsOf(app, receiver, pool));
  });
  afterAll(async () => {
    if (rig.temporal) await deleteSchedules(rig);
    await Promise.all(closing.map((close) => close()));
    if (rig.databaseUrl) await dropDatabase(rig.databaseUrl);
  });
  return rig;
}

/** They would start workflows every minute to the end of the run, for nobody. */
async function deleteSchedules({ temporal, config: { taskQueue } }: Rig): Promise<void> {
  for (const schedule of [retentionSchedule(taskQueue), statsSchedule(taskQueue)])
    await temporal.schedule.getHandle(schedule).delete();
}

function callsOf(app: TestPosthorn, receiver: TestReceiver, pool: pg.Pool): Partial<Rig> {
  const delivery = async (tenant: string, id: string) =>
    ok(await app.call('GET', `/v1/tenants/${tenant}/deliveries/${id}`), 200);
  const makeEndpoint = async (tenant: string, path: string, settings: object = {}) => {
    const body = { url: receiver.url + path, ...settings };
    return ok(await app.call('POST', `/v1/tenants/${tenant}/endpoints`, body), 201);
  };
  const publish = async (tenant: string, event: object = {}) => {
    const body = { type: 'a.b', data: { n: 1 }, ...event };
    return ok(await app.call('POST', `/v1/tenants/${tenant}/events`, body), 202);
  };
  const settled = (tenant: string, id: string, status: string) =>
    until(
      () => delivery(tenant, id),
      (found) => found.status === status,
    );
  return {
    delivery,
    endpoint: makeEndpoint,
    publish,
    settled,
    async deliver(behaviour, status, settings) {
      const tenant = newTenant();
      const path = `/${tenant}`;
      receiver.answerAt(path, behaviour);
      const endpoint = await makeEndpoint(tenant, path, settings);
      const id: string = (await publish(tenant)).delivery_ids[0];
      const found = await settled(tenant, id, status);
      return { tenant, path, endpoint, id, delivery: found, attempts: found.attempts };
    },
    calls: (path, count) =>
      until(
        () => receiver.at(path),
        (received) => received.length >= count,
      ),
    async sql(text, ...values) {
      return (await pool.query(text, values)).rows as never;
    },
  };
}

async function resultOf(temporal: Client, workflowId: string): Promise<Json> {
  const handle = temporal.workflow.getHandle(workflowId);
  await until(
    () => handle.describe().catch(() => null),
    (found) => found !== null,
  );
  return handle.result();
}

function ok(answer: Answer, status: number): Json {
  expect(answer.status, JSON.stringify(answer.body)).toBe(status);
  return answer.body;
}

/** A tenant of its own, so that tests do not see each other's endpoints. */
export const newTenant = (): string => `t-${randomUUID().slice(0, 8)}`;

/** Rows in every table that a request could leave something in. */
export async function rowCounts(rig: Rig): Promise<Record<string, number>> {
  const [row] = await rig.sql<Record<string, string>>(
    `SELECT (SELECT count(*) FROM tenants) AS tenants, (SELECT count(*) FROM endpoints) AS endpoints,
            (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM deliveries) AS deliveries,
            (SELECT count(*) FROM attempts) AS attempts`,
  );
  return Object.fromEntries(Object.entries(row!).map(([table, count]) => [table, Number(count)]));
}

/** For a file of refused requests: none of its tests leaves a row or sends anything. */
export function expectNothingStored(rig: Rig): void {
  let before: Record<string, number>;
  beforeEach(async () => {
    before = await rowCounts(rig);
  });
  afterEach(async () => {
    expect(await rowCounts(rig), 'something was stored').toEqual(before);
    expect(rig.receiver.received).toEqual([]);
  });
}

/** Everything Temporal keeps of a workflow, as one text with its payloads in the clear. */
export async function rawHistory(rig: Rig, workflowId: string): Promise<string> {
  const handle = rig.temporal.workflow.getHandle(workflowId);
  const [history, description] = await Promise.all([handle.fetchHistory(), handle.describe()]);
  return JSON.stringify([history, description.raw], (key, value: unknown) =>
    key === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : value,
  );
}

/** An RFC 9457 answer whose `errors` name exactly these fields. */
export function expectProblem(answer: Answer, status: number, ...paths: string[]): void {
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status, body: { status } });
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.body).toMatchObject({
    type: expect.any(String) as string,
    title: expect.any(String) as string,
    code: expect.stringMatching(/^[a-z_]+$/) as string,
    detail: expect.any(String) as string,
  });
  const named = ((answer.body.errors ?? []) as { path: string }[]).map(({ path }) => path);
  expect([...new Set(named)].sort()).toEqual([...paths].sort());
}
