import { beforeEach, describe, expect, it } from 'vitest';
import type { Queryable } from '../../src/store/pool.ts';
import { createSubscriptions } from '../../src/store/subscriptions.ts';

/** The table of one tenant's endpoints, and what is asked of it. */
function table(count: number) {
  const rows = new Map<string, { id: string; events: string[]; enabled: boolean; environments: string[] }>();
  const put = (n: number, events = ['a.*'], enabled = true) => {
    const id = `ep_${String(n).padStart(6, '0')}`;
    rows.set(id, { id, events, enabled, environments: ['production'] });
    return id;
  };
  for (let n = 1; n <= count; n += 1) put(n);
  const asked: (string[] | 'page')[] = [];
  let blocked: Promise<void> = Promise.resolve();
  const db = {
    async query({ values }: { values: unknown[] }) {
      const [, of, limit] = values as [string, string | string[], number];
      asked.push(Array.isArray(of) ? of : 'page');
      const all = [...rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
      const found = Array.isArray(of)
        ? all.filter(({ id }) => of.includes(id))
        : all.filter(({ id }) => id > of).slice(0, limit);
      const copies = found.map((row) => ({ ...row }));
      await blocked;
      return { rows: copies };
    },
  } as unknown as Queryable;
  const block = () => {
    let open = () => {};
    blocked = new Promise((resolve) => (open = resolve));
    return open;
  };
  return { rows, put, asked, db, block };
}

let fresh = true;
beforeEach(() => void (fresh = true));
const idsOf = async (found: Promise<{ id: string }[]>) => (await found).map(({ id }) => id);

describe('subscriptions', () => {
  it('of a tenant are loaded once; a change loads that endpoint alone', async () => {
    const { db, put, asked, rows } = table(5_000);
    const all = createSubscriptions(db, () => fresh);
    const match = (type: string) => idsOf(all.matching('t', type, 'production'));
    expect(await match('a.b')).toHaveLength(5_000);
    expect(asked).toEqual(['page', 'page', 'page']);

    const changed = put(7, ['b.*']);
    const made = put(9_999);
    const gone = 'ep_000009';
    rows.delete(gone);
    for (const id of [changed, made, gone]) all.changed('t', id);
    const now = await match('a.b');
    expect(now).toHaveLength(4_999);
    expect(now).toContain(made);
    expect(await match('b.c')).toEqual([changed]);
    expect(asked.slice(3)).toEqual([[changed, made, gone]]);
  });

  it('that change while they are loaded are loaded again', async () => {
    const { db, put, block } = table(3);
    const all = createSubscriptions(db, () => fresh);
    const open = block();
    const first = idsOf(all.matching('t', 'a.b', 'production'));
    await new Promise((resolve) => setImmediate(resolve));
    all.changed('t', put(2, ['b.*']));
    const second = idsOf(all.matching('t', 'a.b', 'production'));
    open();
    expect(await second).toEqual(['ep_000001', 'ep_000003']);
    await first;
  });

  it('never show a state from before a change that was known when they were asked for', async () => {
    const { db, put, block } = table(3);
    const all = createSubscriptions(db, () => fresh);
    await all.matching('t', 'a.b', 'production');
    all.changed('t', put(1, ['b.*']));
    const open = block();
    const during = idsOf(all.matching('t', 'a.b', 'production'));
    all.changed('t', put(2, ['b.*']));
    const after = idsOf(all.matching('t', 'a.b', 'production'));
    open();
    expect(await after).toEqual(['ep_000003']);
    expect(await during).not.toContain('ep_000001');
  });

  it('are asked for again when they may be stale, or could not be loaded', async () => {
    const { db, asked } = table(1);
    let away = false;
    const failing = {
      query: (config: never) => (away ? Promise.reject(new Error('away')) : db.query(config)),
    };
    const all = createSubscriptions(failing as Queryable, () => fresh);
    const match = () => idsOf(all.matching('t', 'a.b', 'production'));
    await match();
    away = true;
    all.changed('t', 'ep_000001');
    await expect(match()).rejects.toThrow('away');
    away = false;
    expect(await match()).toEqual(['ep_000001']);
    expect(asked).toEqual(['page', ['ep_000001']]);
    fresh = false;
    await match();
    expect(asked).toHaveLength(3);
  });

  it('of a tenant larger than all that is kept are kept', async () => {
    const { db, asked } = table(0);
    const huge = { query: (config: { values: unknown[] }) => hugePage(db, config) } as unknown as Queryable;
    const all = createSubscriptions(huge, () => fresh);
    expect(await all.matching('t', 'a.b', 'production')).toHaveLength(210_000);
    asked.length = 0;
    await all.matching('t', 'a.b', 'production');
    expect(asked).toEqual([]);
  });
});

/** 210,000 endpoints, made up page by page. */
async function hugePage(db: Queryable, config: { values: unknown[] }) {
  await db.query(config as never);
  const [, afterId, limit] = config.values as [string, string, number];
  const from = afterId === '' ? 0 : Number(afterId);
  const length = Math.min(limit, 210_000 - from);
  const row = (_: unknown, index: number) => ({
    id: String(from + index + 1).padStart(6, '0'),
    events: ['*'],
    enabled: true,
    environments: ['production'],
  });
  return { rows: Array.from({ length }, row) };
}
