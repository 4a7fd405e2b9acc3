/** Workflows that are gone are found, however many there are, and however many are late and alive. */
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLostWorkflowsPass, type WorkflowFate } from '../../src/dispatch/lost-workflows.ts';
import { lowestDeliveryIdAt } from '../../src/ids.ts';
import { createPool, type Pool } from '../../src/store/pool.ts';
import { registerProcess } from '../../src/store/processes.ts';
import { createDatabase } from '../support/posthorn.ts';
import { useRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

/** Deliveries that workflows `<prefix>-1` … carry, due at that time (SQL), a second apart backwards. */
const INSERT = (prefix: string, count: number, dueAt: string) => `
  INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status,
                          attempt_count, scheduled_count, next_attempt_at, workflow_id, created_at)
  SELECT 't', 'dlv_${prefix}' || n, 'evt', 'evt', 'ep' || n % 50, 'a.b', 'live', 'schedule', 'retrying', 1, 1,
         ${dueAt} - n * interval '1 ms', '${prefix}-' || n, now()
    FROM generate_series(1, ${count}) n`;

describe('a pass over carried workflows', () => {
  let pool: Pool;
  let asked: string[];
  let fates: (workflowId: string) => WorkflowFate;

  beforeAll(async () => void (pool = createPool(await createDatabase(), 3, 'kept')));
  afterAll(() => pool.end());
  beforeEach(async () => {
    await pool.query('TRUNCATE deliveries, processes');
    asked = [];
    fates = (id) => (id.startsWith('gone') ? 'gone' : id.startsWith('ended') ? 'terminated' : 'running');
  });

  const pass = (id: number | null = null) =>
    createLostWorkflowsPass({
      db: pool,
      membership: { id },
      fateOf(workflowId) {
        asked.push(workflowId);
        return Promise.resolve(fates(workflowId));
      },
      onFound: () => {},
      log: pino({ level: 'silent' }),
    });
  const insert = (prefix: string, count: number, dueAt: string) => pool.query(INSERT(prefix, count, dueAt));
  async function count(where: string): Promise<number> {
    const { rows } = await pool.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM deliveries WHERE ${where}`,
    );
    return rows[0]!.n;
  }

  it('finds those that are gone behind thousands that are late and at work, and asks about these once', async () => {
    await insert('late', 3_000, `now() - interval '2 hours'`);
    await insert('gone', 400, `now() - interval '1 hour'`);
    await insert('ended', 3, `now() - interval '1 hour'`);
    const once = pass();
    await once();
    expect(await count('workflow_id IS NULL')).toBe(400);
    expect(await count(`status = 'cancelled'`)).toBe(3);
    expect(asked.length).toBeGreaterThan(3_000);
    asked = [];
    await once();
    expect(asked).toEqual([]);
  });

  it('finds out that all are gone by asking about few, also when nothing is due', async () => {
    await insert('gone', 20_000, `now() + interval '5 hours'`);
    const again = pass();
    for (let passes = 0; (await count('workflow_id IS NOT NULL')) > 0; passes += 1) {
      expect(passes).toBeLessThan(10);
      await again();
    }
    expect(asked.length).toBeLessThan(3_000);
  });

  it('finds them all, also where those that are carried again stand among them', async () => {
    await insert('gone', 3_000, `now() + interval '5 hours'`);
    await insert('new', 3_000, `now() + interval '5 hours'`);
    const again = pass();
    for (let passes = 0; (await count(`workflow_id LIKE 'gone%'`)) > 0; passes += 1) {
      expect(passes).toBeLessThan(10);
      await again();
    }
  });

  it('finds them wherever they are, in the end', async () => {
    await insert('ahead', 200, `now() + interval '5 hours'`);
    await insert('gone', 1_000, `now() + interval '6 hours'`);
    const again = pass();
    for (let passes = 0; (await count(`workflow_id LIKE 'gone%'`)) > 0; passes += 1) {
      expect(passes).toBeLessThan(20);
      await again();
    }
  });

  it('looks at few again when it has found them all', async () => {
    await insert('gone', 100, `now() + interval '5 hours'`);
    await insert('ahead', 3_000, `now() + interval '6 hours'`);
    const again = pass();
    for (let passes = 0; passes < 5; passes += 1) await again();
    expect(await count('workflow_id IS NULL')).toBe(100);
    asked = [];
    await again();
    expect(asked.length).toBeLessThanOrEqual(20);
  });

  it('asks about few that are not due while they are there', async () => {
    await insert('ahead', 1_000, `now() + interval '5 hours'`);
    const again = pass();
    await again();
    expect(asked).toHaveLength(20);
    await again();
    expect(new Set(asked).size).toBe(40);
  });

  it('leaves half of them to the other worker, for a minute', async () => {
    const ids = [await registerProcess(pool, 'worker'), await registerProcess(pool, 'worker')];
    await insert('gone', 90, `now() - interval '1 hour'`);
    await insert('late', 90, `now() - interval '1 hour'`);
    fates = () => 'running';
    for (const id of ids) await pass(id)();
    expect(asked).toHaveLength(180);
    expect(new Set(asked).size).toBe(180);
  });

  it('finds what was never attempted, too', async () => {
    await insert('gone', 10, `now() - interval '1 hour'`);
    const old = lowestDeliveryIdAt(new Date(Date.now() - 120_000));
    await pool.query(
      `UPDATE deliveries SET status = 'pending', next_attempt_at = NULL, id = $1 || substr(id, 5)`,
      [old],
    );
    await pass()();
    expect(await count('workflow_id IS NULL')).toBe(10);
  });
});

describe('a workflow that was terminated', () => {
  const rig = useRig();

  async function waiting(): Promise<{ tenant: string; id: string }> {
    const { tenant, id } = await rig.deliver(500, 'retrying', { retry_schedule_seconds: [3_600] });
    await until(
      () => rig.sql(`SELECT 1 FROM deliveries WHERE id = $1 AND workflow_id IS NOT NULL`, id),
      ({ length }) => length === 1,
    );
    return { tenant, id };
  }
  /** As late as needs be to be looked at. */
  const makeLate = (id: string) =>
    rig.sql(`UPDATE deliveries SET next_attempt_at = now() - interval '2 minutes' WHERE id = $1`, id);

  it('by an operator takes its delivery with it; by the server, because its history is too long, it is replaced', async () => {
    const [wanted, ended] = [await waiting(), await waiting()];
    const { namespace } = rig.temporal.options;
    await rig.temporal.workflow.getHandle(wanted.id).terminate('enough');
    await rig.temporal.workflowService.terminateWorkflowExecution({
      namespace,
      workflowExecution: { workflowId: ended.id },
      identity: 'history-service',
      reason: 'Workflow history count exceeds limit.',
    });
    rig.receiver.answer(200);
    rig.receiver.answerAt(`/${ended.tenant}`, 200);
    await Promise.all([makeLate(wanted.id), makeLate(ended.id)]);
    await rig.posthorn.dispatch!.sweep.run();
    await rig.settled(wanted.tenant, wanted.id, 'cancelled');
    await rig.settled(ended.tenant, ended.id, 'succeeded');
  });
});
