import type { RequestHandler } from 'express';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeTrouble } from '../store/pool.ts';
import type { ApiContext } from './context.ts';

const PATIENCE_MS = 2_000;
/** Nobody needs a key for it: however often it is asked, it costs this much. */
const CHECK_EVERY_MS = 1_000;

/**
 * 200 when events can be accepted and retried: Postgres takes writes and Temporal answers. Else 503, and in words why
 * not. What it says is a second old at most.
 */
export function readiness({
  pool,
  temporal,
  acceptor,
}: Pick<ApiContext, 'pool' | 'temporal' | 'acceptor'>): RequestHandler {
  const postgresTrouble = atMostEvery(CHECK_EVERY_MS, async () => {
    const asked = pool.query<{ read_only: string }>(
      `SELECT current_setting('transaction_read_only') AS read_only`,
    );
    const late = sleep(PATIENCE_MS, 'Postgres does not answer', { ref: false });
    const answer = asked.then(
      ({ rows }) => (rows[0]?.read_only === 'on' ? 'Postgres takes no writes: it is read-only' : null),
      describeTrouble,
    );
    return (await Promise.race([answer, late])) ?? acceptor.trouble();
  });
  const temporalTrouble = atMostEvery(CHECK_EVERY_MS, async () => {
    const { connection } = temporal()!;
    return connection
      .withDeadline(Date.now() + PATIENCE_MS, () => connection.workflowService.getSystemInfo({}))
      .then(
        () => null,
        () => 'Temporal does not answer',
      );
  });

  return async (_request, response) => {
    const troubles = await Promise.all([
      postgresTrouble(),
      temporal() === null ? 'Temporal is not connected' : temporalTrouble(),
    ]);
    const [postgres, ofTemporal] = troubles.map((trouble) => trouble === null);
    const reasons = troubles.filter((trouble) => trouble !== null);
    response
      .status(reasons.length === 0 ? 200 : 503)
      .json({ postgres, temporal: ofTemporal, ...(reasons.length > 0 ? { reasons } : {}) });
  };
}

/** What `check` found, or is about to find: begun no longer ago than that. */
function atMostEvery<T>(ms: number, check: () => Promise<T>): () => Promise<T> {
  let last: { found: Promise<T>; startedAtMs: number } | null = null;
  return () => {
    const startedAtMs = performance.now();
    if (!last || startedAtMs - last.startedAtMs >= ms) last = { found: check(), startedAtMs };
    return last.found;
  };
}
