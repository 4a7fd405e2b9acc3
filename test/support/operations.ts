/** The operations of the OpenAPI document, and requests to them as they go over the wire: no client in between mends them. */
import { request as send, type OutgoingHttpHeaders } from 'node:http';
import { openApiDocument, type OperationObject } from '../../src/api/openapi/document.ts';
import { checkConformance } from './conformance.ts';
import { PATIENCE_MS } from './until.ts';

export interface KnownOperation {
  id: string;
  method: string;
  path: string;
  /** Undefined: nobody is asked who they are. */
  scope: string | undefined;
  operation: OperationObject;
  /** Undefined: it takes no body. */
  example: Record<string, unknown> | undefined;
}

export const document = openApiDocument();

export const operations: KnownOperation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    id: operation.operationId,
    method: method.toUpperCase(),
    path,
    scope: operation['x-scope'],
    operation,
    example: operation.requestBody?.content['application/json']?.example as
      Record<string, unknown> | undefined,
  })),
);

export interface WireRequest {
  method: string;
  /** With the query, as it is sent. */
  path: string;
  headers?: OutgoingHttpHeaders;
  body?: string | Buffer;
  /** Where it comes from: on Linux, everything in 127.0.0.0/8 is this machine. */
  localAddress?: string;
}

export interface WireAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** Parsed; null: it is not JSON. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are asserted field by field
  body: any;
}

/** How long an answer may take before it counts as none. */
const HANGS_AFTER_MS = 60_000;

/** Sends it and checks the answer against the document. */
export async function sendChecked(base: string, wire: WireRequest): Promise<WireAnswer> {
  const answer = await sendRaw(base, wire);
  const type = answer.headers['content-type'] as string | undefined;
  checkSecurityHeaders(wire, answer);
  const isJson = type !== undefined && /json/.test(type);
  if (isPage(wire.path, answer.headers)) return answer;
  checkConformance({
    method: wire.method,
    // URL would put them right: the document has none of them.
    url: base + (/^\/(\/|$)|\/(\.|%2e){1,2}(\/|\?|$)/i.test(wire.path) ? '/nothing' : wire.path),
    // What was accepted need not have been sent as UTF-8 JSON: the table test and the examples look at that.
    requestBody: undefined,
    status: answer.status,
    contentType: type ?? null,
    body: isJson ? answer.body : answer.text === '' ? null : answer.text,
  });
  return answer;
}

/** The same; a machine that is busy may say "later" (503 with Retry-After), and is asked again then, as callers are told to. */
export async function sendPatiently(base: string, wire: WireRequest): Promise<WireAnswer> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await sendChecked(base, wire);
    const isLater = answer.status === 503 && Number(answer.headers['retry-after']) > 0;
    if (!isLater || Date.now() > giveUpAt) return answer;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

/** What is not the API's is a path of the dashboard to who accepts a page. */
const isPage = (path: string, headers: WireAnswer['headers']): boolean =>
  String(headers['content-type']).startsWith('text/html') && !/^\/(v1\/|docs)/.test(path);

/** Pages have policies of their own; whatever else is answered is nobody's to keep, to show in a frame, or to guess about. */
function checkSecurityHeaders({ method, path }: WireRequest, { headers, status }: WireAnswer): void {
  const { 'content-security-policy': policy, 'cache-control': cache } = headers;
  const isPublic = (isPage(path, headers) || /^\/(docs|openapi\.json)/.test(path)) && status < 400;
  // Of what is published thousands of times a second.
  const isAccepted = method === 'POST' && /\/events$/.test(path) && status < 300;
  const isRight =
    headers['x-content-type-options'] === 'nosniff' &&
    (isAccepted || headers['referrer-policy'] === 'no-referrer') &&
    cache === (isPublic ? 'no-cache' : 'no-store') &&
    (isAccepted || /default-src 'none'.*frame-ancestors 'none'/.test(String(policy))) &&
    headers['x-powered-by'] === undefined;
  if (!isRight) throw new Error(`${method} ${path}: its headers are ${JSON.stringify(headers)}`);
}

export function sendRaw(base: string, wire: WireRequest): Promise<WireAnswer> {
  const { hostname, port } = new URL(base);
  const { method, path, headers = {}, body, localAddress } = wire;
  return new Promise((resolve, reject) => {
    const request = send(
      { hostname, port, method, path, headers, agent: false, ...(localAddress ? { localAddress } : {}) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        // What goes on for ever has begun well with its first bytes.
        if (/event-stream/.test(response.headers['content-type'] ?? ''))
          response.once('data', () => setImmediate(() => (response.emit('end'), request.destroy())));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            text,
            body: parsed(text),
          });
        });
      },
    );
    request.setTimeout(HANGS_AFTER_MS, () =>
      request.destroy(new Error(`${method} ${path}: no answer in ${HANGS_AFTER_MS} ms`)),
    );
    request.on('error', reject);
    request.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** All of them, so many at a time. */
export async function inParallel<T>(
  items: readonly T[],
  places: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next;
      next += 1;
      await work(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: places }, worker));
}
