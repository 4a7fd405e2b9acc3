/** The life of a delivery: the statements of src/store do what src/lifecycle.ts says. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENDED, OPEN, settle, STATUSES, TRANSITIONS, UNENDED, type Verdict } from '../../src/lifecycle.ts';
import { cancelWorkflowDeliveries, orphanDeliveries } from '../../src/store/carried-workflows.ts';
import { cancelDeliveries } from '../../src/store/delivery-state.ts';
import { holdDeliveries } from '../../src/store/hold-deliveries.ts';
import { recordAttempts } from '../../src/store/record-attempts.ts';
import { releaseHeld } from '../../src/store/release-held.ts';
import { attemptRecord, DUE_AT_MS } from '../support/attempt-record.ts';
import { createDatabase } from '../support/posthorn.ts';

type Row = { id: string; status: string; next_attempt_at: Date | null; completed_at: Date | null };

const VERDICTS: Verdict[] = ['succeeded', 'retrying', 'failed', 'unchanged'];

let db: pg.Pool;
beforeAll(async () => {
  db = new pg.Pool({ connectionString: await createDatabase(), max: 2 });
  await db.query(`INSERT INTO tenants (id) VALUES ('t')`);
});
afterAll(() => db.end());

async function endpoint(enabled: boolean): Promise<string> {
  const id = `ep_${randomUUID()}`;
  await db.query(
    `INSERT INTO endpoints (id, tenant_id, url, profile, events, environments, method, headers, enabled)
     VALUES ($1, 't', 'http://x.test', 'standard', '{*}', '{production}', 'POST', '{}', $2)`,
    [id, enabled],
  );
  return id;
}

async function delivery(status: string, more: Record<string, unknown> = {}): Promise<string> {
  const row: Record<string, unknown> = {
    id: `dlv_${randomUUID()}`,
    tenant_id: 't',
    event_uid: 'e',
    event_id: 'e',
    endpoint_id: 'none',
    event_type: 'a.b',
    environment: 'production',
    trigger: 'schedule',
    status,
    created_at: new Date(),
    ...more,
  };
  const names = Object.keys(row);
  await db.query(
    `INSERT INTO deliveries (${names.join(', ')}) VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
    Object.values(row),
  );
  return row.id as string;
}

async function find(id: string): Promise<Row> {
  return (await db.query<Row>('SELECT * FROM deliveries WHERE id = $1', [id])).rows[0]!;
}

describe('an attempt that is written to the log', () => {
  it.each(STATUSES.flatMap((status) => VERDICTS.map((verdict) => [status, verdict] as const)))(
    'leaves a delivery that is %s, by the verdict %s, where settle() says',
    async (status, verdict) => {
      const id = await delivery(status);
      await recordAttempts(db, [attemptRecord(id, verdict)]);
      const after = await find(id);
      expect(after.status).toBe(settle(status, verdict));
      const wasPostponed = verdict === 'retrying' && OPEN.includes(status);
      expect(after.next_attempt_at).toEqual(wasPostponed ? new Date(DUE_AT_MS) : null);
      const hasEndedNow = after.status !== status && after.status !== 'retrying';
      expect(after.completed_at !== null).toBe(hasEndedNow);
    },
  );

  it('later than the one after it, brings back neither an earlier due time nor an older answer', async () => {
    const id = await delivery('retrying', { attempt_count: 1, scheduled_count: 1 });
    await recordAttempts(db, [attemptRecord(id, 'retrying', 3, DUE_AT_MS)]);
    await recordAttempts(db, [attemptRecord(id, 'retrying', 2, DUE_AT_MS - 3_600_000)]);
    expect(await find(id)).toMatchObject({
      status: 'retrying',
      next_attempt_at: new Date(DUE_AT_MS),
      attempt_count: 3,
      scheduled_count: 3,
      last_status_code: 503,
    });
  });
});

describe('what moves a delivery on without an attempt goes only where it may', () => {
  it.each(STATUSES)('from %s', async (status) => {
    const expected = (name: 'cancel' | 'hold' | 'release' | 'resume') => {
      const { from, to }: { from: readonly string[]; to: string } = TRANSITIONS[name];
      return from.includes(status) ? to : status;
    };
    const after = async (id: string) => (await find(id)).status;

    const cancelled = await delivery(status);
    await cancelDeliveries(db, [cancelled]);
    expect(await after(cancelled)).toBe(expected('cancel'));

    const workflow = randomUUID();
    const ended = await delivery(status, { workflow_id: workflow });
    await cancelWorkflowDeliveries(db, [workflow]);
    // What is held is carried by no workflow.
    expect(await after(ended)).toBe(status === 'held' ? status : expected('cancel'));

    const orphan = await delivery(status, { workflow_id: `${workflow}-2` });
    await orphanDeliveries(db, [`${workflow}-2`]);
    const { workflow_id: carrier } = (await find(orphan)) as Row & { workflow_id: string | null };
    expect([await after(orphan), carrier === null]).toEqual([status, OPEN.includes(status)]);

    const held = await delivery(status, { endpoint_id: await endpoint(false) });
    await holdDeliveries(db, [held]);
    expect(await after(held)).toBe(expected('hold'));

    const endpoint_id = await endpoint(true);
    const fresh = await delivery(status, { endpoint_id });
    const tried = await delivery(status, { endpoint_id, attempt_count: 2 });
    await releaseHeld(db, endpoint_id, 10);
    expect([await after(fresh), await after(tried)]).toEqual([expected('release'), expected('resume')]);
  });

  it('is not held when its endpoint is enabled by then, but waits for a worker again', async () => {
    const on = await endpoint(true);
    const off = await endpoint(false);
    const ids = [
      await delivery('pending', { endpoint_id: on }),
      await delivery('retrying', { endpoint_id: off }),
    ];
    expect(await holdDeliveries(db, ids)).toEqual([ids[0]]);
    expect(await find(ids[0]!)).toMatchObject({ status: 'pending', workflow_id: null, claimed_by: null });
    expect(await find(ids[1]!)).toMatchObject({ status: 'held' });
  });
});

describe('the partial indexes', () => {
  it('name the statuses that are open, held, or neither succeeded nor new', async () => {
    const { rows } = await db.query<{ indexname: string; indexdef: string }>(
      `SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'deliveries' AND indexdef LIKE '%status%WHERE%'
          OR tablename = 'deliveries' AND indexdef LIKE '%WHERE%status%'`,
    );
    const named = new Map(
      rows.map(({ indexname, indexdef }) => [
        indexname,
        STATUSES.filter((status) => indexdef.split(' WHERE ')[1]!.includes(`'${status}'`)),
      ]),
    );
    expect(named.get('deliveries_waiting')).toEqual([...OPEN]);
    expect(named.get('deliveries_by_workflow')).toEqual([...OPEN]);
    expect(named.get('deliveries_held')).toEqual(UNENDED.filter((status) => !OPEN.includes(status)));
    const unusual = [...ENDED, ...UNENDED].filter((status) => !['succeeded', 'pending'].includes(status));
    expect(named.get('deliveries_unusual')!.toSorted()).toEqual(unusual.toSorted());
  });
});
