import type { Answer } from '../../sdk/client/index.ts';
import { shownBody } from '../listen/body.ts';
import { status, type Cell, type Output } from '../output.ts';

type Row = Answer<'listDeliveries'>['data'][number];

export const deliveryHead = ['CREATED', 'ID', 'STATUS', 'TYPE', 'ENDPOINT', 'ATTEMPTS', 'LAST'];

export const deliveryRow = (one: Row): Cell[] => [
  one.created_at,
  one.id,
  status(one.status),
  one.event_type,
  one.endpoint_id,
  `${one.attempt_count}${one.max_attempts === null ? '' : `/${one.max_attempts}`}`,
  lastOf(one),
];

/** What its last attempt came to, and when the next one is. */
export function lastOf(
  one: Pick<Row, 'last_status_code' | 'last_error_class' | 'next_attempt_at' | 'status'>,
): string {
  const code = one.last_status_code ?? one.last_error_class ?? '';
  return one.status === 'retrying' && one.next_attempt_at
    ? `${code}, next ${one.next_attempt_at}`
    : String(code);
}

export function showDelivery(output: Output, delivery: Answer<'getDelivery'>): void {
  const { attempts, request_body: body, ...rest } = delivery;
  output.fields([
    ['id', rest.id],
    ['status', status(rest.status)],
    ['event', `${rest.event_type} (${rest.event_id}, ${rest.environment})`],
    ['endpoint', rest.endpoint_id],
    ['trigger', rest.trigger],
    ['replay', rest.replay_id],
    ['ordering key', rest.ordering_key],
    ['created', rest.created_at],
    ['completed', rest.completed_at],
    ['next attempt', rest.next_attempt_at],
    ['attempts', `${rest.attempt_count}${rest.max_attempts === null ? '' : ` of ${rest.max_attempts}`}`],
  ]);
  if (attempts.length > 0) {
    output.line();
    output.table(
      attempts.map((one) => [
        one.number,
        one.started_at,
        one.trigger,
        one.error === null
          ? { text: String(one.status_code), style: 'green' }
          : { text: String(one.status_code ?? one.error.class), style: 'red' },
        `${one.duration_ms} ms`,
        one.error?.message ?? one.remark ?? '',
      ]),
      ['NO', 'STARTED', 'TRIGGER', 'ANSWER', 'TOOK', 'WHAT IT SAID'],
    );
  }
  if (body === null) return;
  output.line('\nsent:');
  output.line(shownBody(Buffer.from(body)));
}
