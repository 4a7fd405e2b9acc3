/** What was received, handed on to a program on this machine as it came: its method, its headers, its bytes. */
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface Forwarded {
  /** Null: nobody answered. */
  status: number | null;
  durationMs: number;
  problem: string | null;
  headers: Record<string, string>;
  body: Buffer;
}

export interface Incoming {
  method: string;
  /** Name, value, name, value …: as it came, in its order and case. */
  rawHeaders: readonly string[];
  body: Buffer;
}

const TIME_LIMIT_MS = 30_000;
const ANSWER_LIMIT_BYTES = 1024 * 1024;

/** They are about one connection (RFC 9110, 7.6.1), or name it. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'expect',
]);

/** Resolves whatever happens. Redirects are not followed, as deliveries do not follow them. */
export function forward(url: URL, incoming: Incoming): Promise<Forwarded> {
  const startedAtMs = performance.now();
  const durationMs = () => Math.round((performance.now() - startedAtMs) * 10) / 10;
  return new Promise((resolve) => {
    const fail = (problem: string) =>
      resolve({ status: null, durationMs: durationMs(), problem, headers: {}, body: Buffer.alloc(0) });
    const request = url.protocol === 'https:' ? requestHttps : requestHttp;
    const outgoing = request(
      url,
      { method: incoming.method, headers: headersOf(url, incoming), agent: false },
      (answer) => {
        readAnswer(answer).then(
          (body) =>
            resolve({
              status: answer.statusCode!,
              durationMs: durationMs(),
              problem: null,
              headers: answerHeaders(answer),
              body,
            }),
          (error: Error) => fail(`its answer broke off: ${error.message}`),
        );
      },
    );
    outgoing.setTimeout(TIME_LIMIT_MS, () =>
      outgoing.destroy(new Error(`no answer within ${TIME_LIMIT_MS / 1000} s`)),
    );
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      fail(error.code === 'ECONNREFUSED' ? `nobody listens at ${url.host}` : error.message),
    );
    outgoing.end(incoming.body);
  });
}

/** Several values of a name stay several. */
function headersOf(url: URL, { rawHeaders, body }: Incoming): string[] {
  const kept = ['Host', url.host];
  for (let n = 0; n < rawHeaders.length; n += 2) {
    const name = rawHeaders[n]!;
    if (!OF_THE_CONNECTION.has(name.toLowerCase())) kept.push(name, rawHeaders[n + 1]!);
  }
  return [...kept, 'Content-Length', String(body.length)];
}

function answerHeaders(answer: IncomingMessage): Record<string, string> {
  const names = ['content-type', 'retry-after', 'content-encoding'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = answer.headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}

async function readAnswer(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > ANSWER_LIMIT_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
