/** Log rows of attempts, for tests that write them without a receiver. */
import { NO_TIMING } from '../../src/http/timing.ts';
import type { Verdict } from '../../src/lifecycle.ts';
import type { AttemptRecord } from '../../src/store/record-attempts.ts';

export const DUE_AT_MS = Date.parse('2030-01-01T00:00:00Z');

export function attemptRecord(
  deliveryId: string,
  verdict: Verdict,
  number = 1,
  dueAtMs = DUE_AT_MS,
): AttemptRecord {
  return {
    tenantId: 't',
    deliveryId,
    endpointId: 'ep',
    outcome: {
      kind: 'attempt',
      number,
      trigger: verdict === 'unchanged' ? 'manual' : 'schedule',
      succeeded: verdict === 'succeeded',
      startedAtMs: Date.now(),
      durationMs: 1,
      statusCode: verdict === 'succeeded' ? 200 : 500 + number,
      errorClass: verdict === 'succeeded' ? null : 'http',
      errorMessage: null,
      excerpt: '',
      retryAfterSeconds: null,
      gone: false,
      recorded: true,
      schedule: { delaysSeconds: [1], maxRetries: 1, jitter: 0 },
    },
    workflowId: null,
    standing: { status: verdict, nextAttemptAtMs: verdict === 'retrying' ? dueAtMs : null },
    usesSchedule: verdict !== 'unchanged',
    url: 'http://x.test',
    remark: null,
    timing: NO_TIMING,
    method: 'POST',
    requestHeaders: '{}',
    responseHeaders: '{}',
    responseBody: '',
    responseBodyBytes: 0,
  };
}
