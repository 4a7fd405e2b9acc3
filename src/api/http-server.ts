/** The socket side of the API: what a request may cost before anything of ours has looked at it. */
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from '../problem.ts';
import { problemDocument } from './errors.ts';
import { RAW_SECURITY_HEADERS } from './security-headers.ts';

export interface ServerLimits {
  /** Of a request's line and headers. */
  headerBytes: number;
  headerCount: number;
  /** From the connection, or the answer before, to the last header. */
  headersMs: number;
  /** To the last byte of the body. */
  requestMs: number;
  /** Without a request, before it is closed. Longer than proxies wait, so that they are the ones who close. */
  keepAliveMs: number;
  connections: number;
  /** How often it is looked whether somebody takes longer. */
  checkEveryMs: number;
}

export const SERVER_LIMITS: Omit<ServerLimits, 'connections'> = {
  headerBytes: 16 << 10,
  headerCount: 100,
  headersMs: 10_000,
  // A batch of 16 MiB needs 2 Mbit/s.
  requestMs: 60_000,
  keepAliveMs: 65_000,
  checkEveryMs: 2_000,
};

/** An HTTP server that waits for nobody for ever, and says in words what was wrong with bytes that are no request. */
export function createHttpServer(listener: RequestListener, limits: ServerLimits): Server {
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: limits.checkEveryMs,
      // Strict, whatever NODE_OPTIONS says: two opinions about where a request ends are how requests are smuggled.
      insecureHTTPParser: false,
      requireHostHeader: true,
    },
    listener,
  );
  server.maxHeadersCount = limits.headerCount;
  server.maxConnections = limits.connections;
  server.on('clientError', answerClientError);
  server.on('checkExpectation', (_request, response) => response.writeHead(417).end());
  return server;
}

/** What stands there is no request, or did not come in time: a last answer, and the connection is closed. */
function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Socket & { _httpMessage?: ServerResponse },
): void {
  // Gone; or an answer is being written, which this one would be taken for a part of.
  if (error.code === 'ECONNRESET' || !socket.writable || socket._httpMessage?.headersSent) {
    socket.destroy();
    return;
  }
  const problem = problemOf(error);
  const text = JSON.stringify(problemDocument(problem));
  const headers = [
    ...['Content-Type', 'application/problem+json; charset=utf-8'],
    ...['Content-Length', String(Buffer.byteLength(text)), 'Connection', 'close'],
    ...RAW_SECURITY_HEADERS,
  ];
  const lines = headers.flatMap((name, at) => (at % 2 === 0 ? `${name}: ${headers[at + 1]}\r\n` : []));
  socket.end(`HTTP/1.1 ${problem.status} ${problem.title}\r\n${lines.join('')}\r\n${text}`, () =>
    socket.destroy(),
  );
}

function problemOf({ code }: NodeJS.ErrnoException): Problem {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Problem(
      'headers_too_large',
      `The headers of a request may have ${SERVER_LIMITS.headerBytes >> 10} KiB.`,
    );
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Problem('request_timeout', 'The request did not come in time: send it without pauses.');
  return new Problem('malformed_request', 'This is no request of HTTP/1.1.');
}
