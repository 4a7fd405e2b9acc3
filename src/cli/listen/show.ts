/** What `listen` says of a request: a line or a few for people, one of JSON for programs. */
import type { Output } from '../output.ts';
import { printable } from '../../printable.ts';
import { parseExact } from '../../exact-json.ts';
import { bodyText, shownBody } from './body.ts';
import type { Forwarded } from './forward.ts';

export interface Heard {
  receivedAt: Date;
  method: string;
  path: string;
  rawHeaders: readonly string[];
  body: Buffer;
  verified: boolean;
  /** How it was verified, or why not. */
  detail: string;
  event: { id?: string; type?: string; deliveryId?: string } | null;
  forwarded: Forwarded | null;
  /** What it was answered. */
  status: number;
}

export function showHeard(output: Output, heard: Heard, withHeaders: boolean): void {
  output.record(asRecord(heard), () => {
    const { style } = output;
    const { event, verified, status } = heard;
    const time = heard.receivedAt.toTimeString().slice(0, 8);
    const verdict = style(verified ? 'green' : 'red', `${verified ? '✓' : '✗'} ${printable(heard.detail)}`);
    const what = style('bold', short(event?.type ?? `${heard.method} ${heard.path}`));
    const id = event?.id ?? event?.deliveryId;
    const answered = style(status < 300 ? 'green' : 'red', `→ ${status}`);
    const parts = [`${style('dim', time)} ${what}`, ...(id ? [short(id)] : []), `${heard.body.length} bytes`];
    output.line(`${parts.join(' · ')} · ${verdict} ${answered}${forwardText(heard.forwarded)}`);
    if (withHeaders)
      for (const [name, value] of pairs(heard.rawHeaders))
        output.line(`  ${style('dim', `${short(name)}:`)} ${short(value, 1_000)}`);
    output.line(shownBody(heard.body));
  });
}

const short = (text: string, chars = 200): string =>
  printable(text.length <= chars ? text : `${text.slice(0, chars)}…`);

function forwardText(forwarded: Forwarded | null): string {
  if (!forwarded) return '';
  const { status, problem, durationMs } = forwarded;
  return status === null
    ? ` · not forwarded: ${printable(problem ?? '')}`
    : ` · forwarded: ${status} after ${durationMs} ms`;
}

/** Names as they came, several values of one as a list. */
function asRecord(heard: Heard): object {
  const headers: Record<string, string | string[]> = Object.create(null) as Record<string, string>;
  for (const [name, value] of pairs(heard.rawHeaders)) {
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  const { text, isText } = bodyText(heard.body);
  const { forwarded } = heard;
  return {
    kind: 'received',
    received_at: heard.receivedAt.toISOString(),
    method: heard.method,
    path: heard.path,
    headers,
    verified: heard.verified,
    detail: heard.detail,
    event_id: heard.event?.id ?? null,
    event_type: heard.event?.type ?? null,
    body: (isText ? parseExact(text) : undefined) ?? null,
    [isText ? 'body_text' : 'body_base64']: text,
    status: heard.status,
    forwarded: forwarded && {
      status: forwarded.status,
      duration_ms: forwarded.durationMs,
      problem: forwarded.problem,
    },
  };
}

const pairs = (raw: readonly string[]): [string, string][] =>
  raw.flatMap((name, n): [string, string][] => (n % 2 === 0 ? [[name, raw[n + 1]!]] : []));
