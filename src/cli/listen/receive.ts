/** The server of `listen`: verifies what comes, hands it on, answers. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BODY_LIMIT_BYTES, readBody } from '../../received-body.ts';
import { verifyWebhook } from '../../sdk/verify/index.ts';
import type { Profile } from '../../profiles/profile.ts';
import { CliError, EXIT } from '../exit.ts';
import { forward, type Forwarded } from './forward.ts';
import type { Heard } from './show.ts';

export interface ReceiveOptions {
  host: string;
  /** 0: any. */
  port: number;
  /** What its endpoint is signed with; resolves when that has been made. */
  signing: Promise<Signing>;
  forwardTo: URL | null;
  /** What everything verified is answered; null: what `forwardTo` answers, else 200. */
  status: number | null;
  onHeard: (heard: Heard) => void;
}

export interface Signing {
  profile: string | Profile;
  /** Null: it is not signed. */
  secret: string | null;
}

/** Statuses that may not have a body. */
const BODILESS = [204, 205, 304];

export async function startReceiving(
  options: ReceiveOptions,
): Promise<{ port: number; stop(): Promise<void> }> {
  const { host, port } = options;
  const server = createServer((request, response) => {
    receive(options, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'the port is in use' : error.message;
      reject(
        new CliError(`Cannot listen on ${host}:${port}: ${why}.`, EXIT.failed, 'Choose another with --port.'),
      );
    });
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        // What is being answered may have a moment.
        setTimeout(() => server.closeAllConnections(), 1_000).unref();
      }),
  };
}

async function receive(
  options: ReceiveOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const receivedAt = new Date();
  const body = await readBody(request);
  if (body === null) {
    response.writeHead(413).end(`more than ${BODY_LIMIT_BYTES} bytes\n`);
    return;
  }
  const { method = 'POST', url: path = '/', rawHeaders } = request;
  const checked = await check(await options.signing, request, body);
  const incoming = { method, rawHeaders, body };
  // What is not ours is nobody's business: it goes no further.
  const forwarded = checked.verified && options.forwardTo ? await forward(options.forwardTo, incoming) : null;
  const status = statusOf(options, checked.verified, forwarded);
  options.onHeard({ receivedAt, path, ...incoming, ...checked, forwarded, status });
  answer(response, status, forwarded, checked.detail);
}

function statusOf({ status }: ReceiveOptions, verified: boolean, forwarded: Forwarded | null): number {
  if (!verified) return 401;
  if (status !== null) return status;
  return forwarded ? (forwarded.status ?? 502) : 200;
}

function answer(response: ServerResponse, status: number, forwarded: Forwarded | null, detail: string): void {
  if (BODILESS.includes(status)) return void response.writeHead(status).end();
  if (forwarded?.status === status) {
    response.writeHead(status, { ...forwarded.headers, 'content-length': forwarded.body.length });
    return void response.end(forwarded.body);
  }
  const why = forwarded?.problem ?? (status === 401 ? detail : undefined);
  const text = JSON.stringify({ received: status < 300, ...(why ? { detail: why } : {}) });
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}

/** As the endpoint's owner would, with the one secret that this endpoint has. */
async function check(
  { profile, secret }: Signing,
  request: IncomingMessage,
  body: Buffer,
): Promise<Pick<Heard, 'verified' | 'detail' | 'event'>> {
  const name = typeof profile === 'string' ? profile : profile.name;
  if (secret === null) return { verified: true, detail: `unsigned (${name})`, event: null };
  try {
    const event = await verifyWebhook({ profile, secret, headers: request.headers, body });
    return { verified: true, detail: `signature verified (${name})`, event };
  } catch (error) {
    return { verified: false, detail: (error as Error).message, event: null };
  }
}
