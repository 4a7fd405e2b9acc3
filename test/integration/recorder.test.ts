/** What becomes of attempts that Postgres does not take, or not now. */
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRecorder, type Recorder } from '../../src/dispatch/recorder.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import type { Queryable } from '../../src/store/pool.ts';
import type { AttemptRecord } from '../../src/store/record-attempts.ts';
import { attemptRecord } from '../support/attempt-record.ts';
import { createDatabase } from '../support/posthorn.ts';
import { until } from '../support/until.ts';

let pool: pg.Pool;
let recorder: Recorder;
let serial = 0;

beforeAll(async () => {
  pool = new pg.Pool({ connectionString: await createDatabase(), max: 3 });
  // What no receiver should be able to bring about any more, by a short way.
  await pool.query(`
    ALTER TABLE attempts ADD CONSTRAINT no_such_answer CHECK (response_body <> 'refused'),
                         ADD CONSTRAINT no_such_url CHECK (url <> 'http://refused.test'),
                         ADD CONSTRAINT no_such_trigger CHECK (trigger <> 'replay')`);
});
afterAll(() => pool.end());

const recorderOn = (db: Queryable) => createRecorder(db, createMetrics(), pino({ level: 'silent' }));
beforeEach(() => void (recorder = recorderOn(pool as unknown as Queryable)));

/** While `away`, Postgres cannot be reached. */
function cutOff() {
  const server = { away: true };
  const refuse = () => Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));
  const query = (config: pg.QueryConfig) => (server.away ? refuse() : pool.query(config));
  return { server, recorder: recorderOn({ query } as Queryable) };
}

async function pending(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => `dlv_${String(++serial).padStart(6, '0')}`);
  await pool.query(
    `INSERT INTO deliveries (id, tenant_id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status, created_at)
     SELECT id, 't', 'e', 'e', 'ep', 'a.b', 'production', 'schedule', 'pending', now() FROM unnest($1::text[]) AS u (id)`,
    [ids],
  );
  return ids;
}

/** A 503 in 60 s. */
function attempt(
  deliveryId: string,
  more: Partial<AttemptRecord> = {},
  outcome: Partial<AttemptRecord['outcome']> = {},
): AttemptRecord {
  const record = attemptRecord(deliveryId, 'retrying', 1, Date.now() + 60_000);
  return {
    ...record,
    outcome: {
      ...record.outcome,
      statusCode: 503,
      errorMessage: 'HTTP 503',
      recorded: false,
      schedule: { delaysSeconds: [60], maxRetries: 3, jitter: 0 },
      ...outcome,
    },
    url: 'http://receiver.test',
    requestHeaders: '{"a":"b"}',
    responseHeaders: '{"c":"d"}',
    responseBody: 'busy',
    responseBodyBytes: 4,
    ...more,
  };
}

const rowsOf = async (ids: string[]) =>
  (await pool.query(`SELECT * FROM attempts WHERE delivery_id = ANY ($1) ORDER BY delivery_id`, [ids])).rows;
const deliveriesOf = async (ids: string[]) =>
  (await pool.query(`SELECT * FROM deliveries WHERE id = ANY ($1) ORDER BY id`, [ids])).rows;

describe('an attempt whose row Postgres refuses', () => {
  it.each([
    ['an answer it does not take', attempt('', { responseBody: 'refused' }), 'SQLSTATE 23514', '503'],
    ['headers that are no JSON', attempt('', { responseHeaders: '{"c":' }), 'SQLSTATE 22P02', '503'],
    ['a number too large', attempt('', {}, { retryAfterSeconds: 2 ** 32 }), 'SQLSTATE 22003', '503'],
    ['a URL it does not take', attempt('', { url: 'http://refused.test' }), 'SQLSTATE 23514', '503'],
    [
      'a time that is none',
      attempt('', { standing: { status: 'retrying', nextAttemptAtMs: 9e15 } }),
      'a number out of range',
      '503',
    ],
  ])('is written with less in it: %s', async (_what, record, reason) => {
    const [bad, good] = await pending(2);
    const recorded = await Promise.all([
      recorder.record({ ...record, deliveryId: bad! }),
      recorder.record(attempt(good!)),
    ]);
    expect(recorded).toEqual([true, true]);
    const [reduced, whole] = await rowsOf([bad!, good!]);
    expect(reduced).toMatchObject({
      status_code: 503,
      response_body: '',
      request_headers: {},
      response_headers: {},
    });
    expect(reduced.remark).toContain(`Postgres refused this row (${reason})`);
    expect(whole).toMatchObject({ response_body: 'busy', remark: null });
    for (const delivery of await deliveriesOf([bad!, good!])) {
      expect(delivery).toMatchObject({ status: 'retrying', attempt_count: 1, scheduled_count: 1 });
      expect(delivery.next_attempt_at).not.toBeNull();
    }
  });

  it('moves its delivery on once, even when nothing of the row can be written', async () => {
    const [id] = await pending(1);
    const record = attempt(id!, {}, { trigger: 'replay' });
    expect([await recorder.record(record), await recorder.record(record)]).toEqual([true, true]);
    expect(await rowsOf([id!])).toEqual([]);
    expect(await deliveriesOf([id!])).toMatchObject([
      { status: 'retrying', attempt_count: 1, scheduled_count: 1 },
    ]);
  });

  it('takes none of a large group with it', async () => {
    const ids = await pending(300);
    const bodies = (index: number) => (index % 100 === 7 ? 'refused' : `a\0b`);
    const recorded = await Promise.all(
      ids.map((id, index) => recorder.record(attempt(id, { responseBody: bodies(index) }))),
    );
    expect(new Set(recorded)).toEqual(new Set([true]));
    const rows = await rowsOf(ids);
    expect(rows.filter((row) => row.response_body === 'ab')).toHaveLength(297);
    expect(rows.filter((row) => row.remark !== null)).toHaveLength(3);
  });
});

describe.concurrent('an attempt that could not be written because Postgres was away', () => {
  it('is written by this process when it is back, without anyone asking', async () => {
    const ids = await pending(5);
    const { server, recorder } = cutOff();
    const recorded = await Promise.all(ids.map((id) => recorder.record(attempt(id))));
    expect(new Set(recorded)).toEqual(new Set([false]));
    server.away = false;
    const rows = await until(
      () => rowsOf(ids),
      (found) => found.length === 5,
    );
    for (const row of rows) expect(row).toMatchObject({ response_body: 'busy', remark: null });
    for (const delivery of await deliveriesOf(ids)) expect(delivery).toMatchObject({ status: 'retrying' });
  });

  it('is written in the order of its numbers, and changes nothing that was written meanwhile', async () => {
    const [id, other] = await pending(2);
    const { server, recorder } = cutOff();
    await Promise.all([recorder.record(attempt(id!)), recorder.record(attempt(other!))]);
    await recorder.record(attempt(id!, {}, { number: 2, statusCode: 500 }));
    // The workflow of the other was told, and has written it already.
    server.away = false;
    const second = recorderOn(pool as unknown as Queryable);
    await second.record(attempt(other!, { responseBody: 'from the history' }));
    await recorder.idle();
    expect(await rowsOf([id!, other!])).toMatchObject([
      { delivery_id: id, number: 1 },
      { delivery_id: id, number: 2 },
      { delivery_id: other, response_body: 'from the history' },
    ]);
    expect(await deliveriesOf([id!, other!])).toMatchObject([
      { attempt_count: 2, scheduled_count: 2, last_status_code: 500 },
      { attempt_count: 1, scheduled_count: 1 },
    ]);
  });
});
