/** A small endpoint to watch deliveries arrive at while developing. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { printable } from '../printable.ts';
import { BODY_LIMIT_BYTES, readBody } from '../received-body.ts';

export interface ReceivedRequest {
  headers: IncomingHttpHeaders;
  body: Buffer;
  path: string;
}

export interface ReceiverOptions {
  /** 0: any free port. */
  port: number;
  host?: string;
  log: (line: string) => void;
  verify: (request: ReceivedRequest) => Promise<{ ok: boolean; detail: string }>;
}

export interface Receiver {
  url: string;
  stop(): Promise<void>;
}

const LINE_LIMIT = 1_000;

/** Takes any method and path: 200 when `verify` says ok, 401 when not, 413 above 2 MiB, and 500 on /fail. */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { port, host = '127.0.0.1', log, verify } = options;
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const receive = async () => {
      const body = await readBody(request);
      if (body === null) return answer(413, { error: `more than ${BODY_LIMIT_BYTES} bytes` });
      const path = request.url ?? '/';
      const { ok, detail } = await verify({ headers: request.headers, body, path });
      const status = path.split('?')[0] === '/fail' ? 500 : ok ? 200 : 401;
      const what = `${request.method} ${path} · ${eventType(body)} · ${body.length} bytes`;
      log(shown(`received ${what} · ${ok ? '✓' : '✗'} ${detail} → ${status}`));
      answer(status, status === 200 ? { received: true } : { received: false, detail });
    };
    receive().catch((error: unknown) => {
      log(shown(`received ${request.method} ${request.url} · ✗ ${String(error)}`));
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://${host}:${bound}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code !== 'EADDRINUSE') return error;
  return new Error(`The receiver cannot listen on ${host}:${port}: the port is in use. Choose another one.`);
}

function shown(line: string): string {
  const escaped = printable(line);
  return escaped.length <= LINE_LIMIT ? escaped : `${escaped.slice(0, LINE_LIMIT)}…`;
}

/** Profiles call it `type` or `event`. */
function eventType(body: Buffer): string {
  try {
    const event = JSON.parse(body.toString()) as { type?: unknown; event?: unknown } | null;
    return String(event?.type ?? event?.event ?? 'no event type');
  } catch {
    return 'not JSON';
  }
}
