import type { Answer } from '../../sdk/client/index.ts';
import { status, type Output } from '../output.ts';

export type Replay = Answer<'getReplay'>;

/** `120 of 400: 118 succeeded, 2 failed, 31 open` */
export function progressText({ total, done, succeeded, failed, cancelled, open, skipped }: Replay): string {
  const parts = [
    `${succeeded} succeeded`,
    `${failed} failed`,
    ...(cancelled > 0 ? [`${cancelled} cancelled`] : []),
    ...(open > 0 ? [`${open} open`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  return `${done} of ${total ?? '?'}: ${parts.join(', ')}`;
}

export function showReplay(output: Output, replay: Replay): void {
  output.fields([
    ['id', replay.id],
    ['status', status(replay.status)],
    ['reason', replay.reason],
    ['endpoint', replay.endpoint_id],
    ['kind', replay.kind],
    ['since', replay.since],
    ['until', replay.until],
    ['per second', replay.per_second],
    ['progress', progressText(replay)],
    ['created', replay.created_at],
    ['completed', replay.completed_at],
  ]);
}
