import { CHANNELS } from './listener.ts';
import type { Queryable } from './pool.ts';

/** Deliveries wait for a worker. Inside a transaction the workers hear of it when it is committed. */
export async function notifyWaiting(db: Queryable): Promise<void> {
  await db.query({ text: `SELECT pg_notify($1, '')`, values: [CHANNELS.waiting] });
}

/** These were cancelled: attempts that wait for their slot are not made. */
export async function notifyCancelled(db: Queryable, deliveryIds: string[]): Promise<void> {
  await db.query({
    text: 'SELECT count(pg_notify($1, id)) FROM unnest($2::text[]) AS t (id)',
    values: [CHANNELS.cancelled, deliveryIds],
  });
}
