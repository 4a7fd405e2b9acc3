/** Attempts as their log shows them: of one delivery with all there is, of many in short. */
import type { AttemptErrorClass, AttemptTrigger, Timing } from '../domain.ts';
import { idRange } from '../ids.ts';
import { EXCERPT_CHARS } from '../outcome.ts';
import type { Queryable } from './pool.ts';

/** An attempt in short. */
export interface ListedAttempt extends Timing {
  deliveryId: string;
  number: number;
  trigger: AttemptTrigger;
  startedAt: Date;
  durationMs: number;
  statusCode: number | null;
  errorClass: AttemptErrorClass | null;
  errorMessage: string | null;
  remark: string | null;
  retryAfterSeconds: number | null;
  /** The beginning of the answer. Null: dropped before its time (PAYLOAD_RETENTION_DAYS). */
  excerpt: string | null;
}

export interface LoggedAttempt extends Omit<ListedAttempt, 'deliveryId' | 'excerpt'> {
  url: string;
  method: string;
  requestHeaders: Record<string, string>;
  responseHeaders: Record<string, string>;
  /** Null: dropped, as `excerpt`. */
  responseBody: string | null;
  responseBodyBytes: number;
  /** Of the answer only the beginning: it is one of many attempts, and the later ones had the room. */
  isCut?: boolean;
}

/** Retries by hand know no limit: of so many attempts, the latest, all is read at most. */
const MOST_ATTEMPTS = 1_000;
/** Of their answers together, the latest first. */
const MOST_ANSWER_BYTES = 1 << 20;

const COMMON = `number, trigger, started_at AS "startedAt", duration_ms AS "durationMs", dns_ms AS "dnsMs",
  connect_ms AS "connectMs", tls_ms AS "tlsMs", first_byte_ms AS "firstByteMs", status_code AS "statusCode",
  error_class AS "errorClass", error_message AS "errorMessage", remark, retry_after_seconds AS "retryAfterSeconds"`;

/** Of {@link ListedAttempt}. */
export const IN_SHORT = `delivery_id AS "deliveryId", ${COMMON}, left(response_body, ${EXCERPT_CHARS}) AS excerpt`;

/** Of a delivery, in the order in which they were made. */
export async function listAttempts(
  db: Queryable,
  tenantId: string,
  deliveryId: string,
): Promise<LoggedAttempt[]> {
  const { rows } = await db.query<LoggedAttempt>({
    name: 'list-attempts',
    text: `SELECT ${COMMON}, url, method, request_headers AS "requestHeaders", response_headers AS "responseHeaders",
                  CASE WHEN read <= $3 THEN response_body ELSE left(response_body, ${EXCERPT_CHARS}) END AS "responseBody",
                  response_body_bytes AS "responseBodyBytes", read > $3 AND length(response_body) > ${EXCERPT_CHARS} AS "isCut"
             FROM (SELECT *, coalesce(sum(octet_length(response_body)) OVER (ORDER BY number DESC), 0) AS read
                     FROM attempts WHERE tenant_id = $1 AND delivery_id = $2
                    ORDER BY number DESC LIMIT ${MOST_ATTEMPTS}) AS latest
            ORDER BY number`,
    values: [tenantId, deliveryId, MOST_ANSWER_BYTES],
  });
  return rows;
}

/** Of each delivery the attempt with the highest number, by delivery; of some there is none. */
export async function listLastAttempts(
  db: Queryable,
  tenantId: string,
  deliveryIds: string[],
): Promise<Map<string, ListedAttempt>> {
  if (deliveryIds.length === 0) return new Map();
  const { rows } = await db.query<ListedAttempt>({
    text: `SELECT last.* FROM unnest($2::text[]) AS d (id)
            CROSS JOIN LATERAL (
              SELECT ${IN_SHORT} FROM attempts
               WHERE tenant_id = $1 AND delivery_id = d.id AND delivery_id BETWEEN $3 AND $4
               ORDER BY number DESC LIMIT 1) last`,
    values: [tenantId, deliveryIds, ...idRange(deliveryIds)],
  });
  return new Map(rows.map((row) => [row.deliveryId, row]));
}
