/** Which processes hold deliveries in memory, and whether they still live. */
import type { Queryable } from './pool.ts';

export async function registerProcess(db: Queryable, role: string): Promise<number> {
  const { rows } = await db.query<{ id: number }>({
    text: 'INSERT INTO processes (role) VALUES ($1) RETURNING id',
    values: [role],
  });
  return rows[0]!.id;
}

/** False: the row is gone, because another process took this one for dead. */
export async function heartbeat(db: Queryable, processId: number): Promise<boolean> {
  const { rows } = await db.query<{ id: number }>({
    name: 'heartbeat',
    text: 'UPDATE processes SET heartbeat_at = now() WHERE id = $1 RETURNING id',
    values: [processId],
  });
  return rows.length > 0;
}

/**
 * Processes whose heartbeat is older than `seconds`, with that heartbeat; or younger than now, by as much: then Postgres'
 * clock was set back, and those that live come back to it with their next one.
 */
export async function staleProcesses(
  db: Queryable,
  seconds: number,
): Promise<{ id: number; heartbeatAt: string }[]> {
  const { rows } = await db.query<{ id: number; at: string }>({
    name: 'stale-processes',
    text: `SELECT id, heartbeat_at::text AS at FROM processes WHERE heartbeat_at NOT BETWEEN now() - make_interval(secs => $1)
                                        AND now() + make_interval(secs => $1)`,
    values: [seconds],
  });
  return rows.map((row) => ({ id: row.id, heartbeatAt: row.at }));
}

/** All that have not been found dead, in order. */
export async function liveProcesses(db: Queryable): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>({
    name: 'live-processes',
    text: 'SELECT id FROM processes ORDER BY id',
  });
  return rows.map((row) => row.id);
}

/** A process that makes attempts, and has not been found dead. */
export interface LiveWorker {
  id: number;
  role: string;
  startedAt: Date;
  /** Since its last heartbeat, by the clock of Postgres. */
  silentSeconds: number;
}
const SHOWN_WORKERS = 200;

export async function liveWorkers(db: Queryable): Promise<LiveWorker[]> {
  const { rows } = await db.query<LiveWorker>({
    name: 'live-workers',
    text: `SELECT id, role, started_at AS "startedAt",
                  greatest(0, extract(epoch FROM clock_timestamp() - heartbeat_at))::float8 AS "silentSeconds"
             FROM processes ORDER BY id LIMIT ${SHOWN_WORKERS}`,
  });
  return rows;
}

/** Removes processes that ended or died. What they still held is anyone's from then on. */
export async function removeProcesses(db: Queryable, ids: number[]): Promise<void> {
  await db.query({ text: 'DELETE FROM processes WHERE id = ANY ($1::bigint[])', values: [ids] });
}
