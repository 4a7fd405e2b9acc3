import { createBatcher } from '../batcher.ts';
import { idRange } from '../ids.ts';
import type { Queryable } from './pool.ts';

/** The bodies that templates have made: kept with the delivery from before the first attempt that sends them. */
export interface RenderedBodies {
  /** Keeps it, unless another was kept before. Returns the one that is kept; null: there is no such delivery any more. */
  keep(deliveryId: string, body: string): Promise<string | null>;
  find(deliveryId: string): Promise<string | null>;
}

const GROUP = { maxItems: 250, maxWeight: 8 << 20, concurrency: 2 };

export function createRenderedBodies(db: Queryable): RenderedBodies {
  const keeping = createBatcher<{ id: string; body: string }, string | null>({
    ...GROUP,
    weigh: ({ body }) => body.length + 200,
    keys: ({ id }) => [id],
    run: (items) => keepAll(db, items),
  });
  const finding = createBatcher<string, string | null>({ ...GROUP, run: (ids) => findAll(db, ids) });
  return {
    keep: (id, body) => keeping.submit({ id, body }),
    find: (id) => finding.submit(id),
  };
}

async function keepAll(db: Queryable, items: { id: string; body: string }[]): Promise<(string | null)[]> {
  const ids = items.map(({ id }) => id);
  const { rows } = await db.query<{ id: string; earlier: string | null }>({
    name: 'keep-rendered-bodies',
    text: `UPDATE deliveries d SET rendered_body = coalesce(d.rendered_body, b.body)
             FROM unnest($1::text[], $2::text[]) AS b (id, body)
            WHERE d.id = b.id AND d.id = ANY ($1) AND d.id BETWEEN $3 AND $4
           RETURNING d.id, CASE WHEN d.rendered_body <> b.body THEN d.rendered_body END AS earlier`,
    values: [ids, items.map(({ body }) => body), ...idRange(ids)],
  });
  const kept = new Map(rows.map(({ id, earlier }) => [id, earlier]));
  return items.map(({ id, body }) => (kept.has(id) ? (kept.get(id) ?? body) : null));
}

async function findAll(db: Queryable, ids: string[]): Promise<(string | null)[]> {
  const { rows } = await db.query<{ id: string; body: string | null }>({
    name: 'find-rendered-bodies',
    text: `SELECT id, rendered_body AS body FROM deliveries WHERE id = ANY ($1) AND id BETWEEN $2 AND $3`,
    values: [ids, ...idRange(ids)],
  });
  const found = new Map(rows.map(({ id, body }) => [id, body]));
  return ids.map((id) => found.get(id) ?? null);
}
