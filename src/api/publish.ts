/**
 * `POST /v1/tenants/{tenant}/events` without Express, whose router and body parser cost a seventh of what a delivery costs this
 * process. Only in its plain form, which is the one that comes thousands of times a second; all else is left to the
 * routes, which answer alike: a chunked or compressed body, an escape in the path, a tenant that is none.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { admit } from './auth.ts';
import type { ApiContext } from './context.ts';
import { answerError } from './errors.ts';
import { readJson } from './json-body.ts';
import { publishEvent } from './routes/events.ts';
import { protect, LEAN_SECURITY_HEADERS } from './security-headers.ts';

const PATH = /^\/v1\/tenants\/([A-Za-z0-9][A-Za-z0-9._:@-]{0,127})\/events$/;

/** The last one's value is to follow. */
const HEADERS = [
  ...['Content-Type', 'application/json; charset=utf-8'],
  ...LEAN_SECURITY_HEADERS,
  'Content-Length',
];

/** Answers the request, or returns false and has not touched it. */
export type PublishRoute = (request: IncomingMessage, response: ServerResponse) => boolean;

export function createPublishRoute(context: ApiContext, maxBytes: number): PublishRoute {
  const { acceptor, log } = context;
  const { authenticator } = context.access;

  async function publish(request: IncomingMessage, response: ServerResponse, tenantId: string) {
    try {
      await admit(authenticator, request, request.url!);
      const bytes = await bodyOf(request);
      // Its sender has gone before all of it had come.
      if (bytes === null) return;
      const { status, body } = await publishEvent(acceptor, tenantId, request, readJson(bytes));
      const text = JSON.stringify(body);
      const length = String(Buffer.byteLength(text));
      response.writeHead(status, [...HEADERS, length]).end(text);
    } catch (error) {
      protect(response);
      answerError(log, error, request, response);
    }
  }

  return (request, response) => {
    if (request.method !== 'POST') return false;
    const tenantId = PATH.exec(request.url!)?.[1];
    if (tenantId === undefined || !hasPlainBody(request, maxBytes)) return false;
    void publish(request, response, tenantId);
    return true;
  };
}

/** Its length is said, and what comes is the body itself. */
function hasPlainBody({ headers }: IncomingMessage, maxBytes: number): boolean {
  const length = headers['content-length'];
  if (length === undefined || headers['transfer-encoding'] !== undefined) return false;
  return headers['content-encoding'] === undefined && Number(length) <= maxBytes;
}

function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on('close', () => resolve(null));
    request.on('error', () => resolve(null));
  });
}
