import type { Logger } from 'pino';
import { NO_TIMING } from '../http/timing.ts';
import { codeOf, isConnectionError, type Queryable } from '../store/pool.ts';
import { moveOnUnlogged, recordAttempts, type AttemptRecord } from '../store/record-attempts.ts';

/**
 * Writes attempts whatever came back from their receivers: a row that Postgres refuses takes no other with it, and is
 * written with less in it. Throws when Postgres is away, and for what has nothing to do with the rows. No delivery
 * twice in a group.
 */
export async function writeAttempts(db: Queryable, group: AttemptRecord[], log: Logger): Promise<void> {
  try {
    await recordAttempts(db, group);
  } catch (error) {
    if (isConnectionError(error)) throw error;
    if (group.length > 1) {
      const middle = group.length >> 1;
      await writeAttempts(db, group.slice(0, middle), log);
      await writeAttempts(db, group.slice(middle), log);
    } else {
      await writeReduced(db, group[0]!, error, log);
    }
  }
}

/** Each step leaves out more; the delivery goes on in any case. */
async function writeReduced(
  db: Queryable,
  record: AttemptRecord,
  error: unknown,
  log: Logger,
): Promise<void> {
  const refusal = refusalOf(error);
  if (refusal === null) throw error;
  const { deliveryId, outcome } = record;
  log.error({ err: error, deliveryId, number: outcome.number }, 'Postgres refused the row of an attempt');
  const steps = [
    () => recordAttempts(db, [withoutAnswer(record, refusal)]),
    () => recordAttempts(db, [withoutAnything(record, refusal)]),
    () => moveOnUnlogged(db, withoutAnything(record, refusal)),
  ];
  for (const step of steps) {
    try {
      return await step();
    } catch (again) {
      if (refusalOf(again) === null) throw again;
    }
  }
  log.error({ deliveryId, number: outcome.number }, 'Postgres does not let a delivery move on');
}

/** Data that Postgres cannot take (SQLSTATE 22), a constraint (23), or a time that is none. null: some other error. */
function refusalOf(error: unknown): string | null {
  if (error instanceof RangeError) return 'a number out of range';
  const code = codeOf(error);
  return /^2[23]/.test(code) ? `SQLSTATE ${code}` : null;
}

function withoutAnswer(record: AttemptRecord, refusal: string): AttemptRecord {
  return {
    ...record,
    requestHeaders: '{}',
    responseHeaders: '{}',
    responseBody: '',
    remark: `Postgres refused this row (${refusal}): it was written without headers and body`,
  };
}

function withoutAnything(record: AttemptRecord, refusal: string): AttemptRecord {
  const { outcome, standing } = record;
  const now = Date.now();
  const due = standing.nextAttemptAtMs;
  return {
    ...withoutAnswer(record, refusal),
    url: '',
    timing: NO_TIMING,
    responseBodyBytes: 0,
    outcome: {
      ...outcome,
      startedAtMs: isTime(outcome.startedAtMs) ? outcome.startedAtMs : now,
      durationMs: 0,
      errorMessage: outcome.errorMessage === null ? null : 'left out',
      retryAfterSeconds: null,
    },
    standing: { ...standing, nextAttemptAtMs: due === null || isTime(due) ? due : now },
    remark: `Postgres refused this row (${refusal}): only what it came to was written`,
  };
}

const isTime = (ms: number): boolean => !Number.isNaN(new Date(ms).getTime());
