/** For plain `node:http`, and for Express. Types are as much of theirs as is used, so that neither is needed. */
import { joined } from './fetch.ts';
import {
  DEFAULT_MAX_BYTES,
  PLAIN_TEXT,
  refusalOf,
  TOO_LARGE,
  wasReadBefore,
  type HandlerOptions,
  type OnEvent,
  type Refusal,
} from './handler.ts';
import { createVerifier } from './webhook.ts';

export interface NodeRequest {
  headers: Record<string, string | string[] | undefined>;
  socket: { remoteAddress?: string | undefined };
  readableEnded: boolean;
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  pause(): unknown;
  /** Express: the client's address, as its `trust proxy` says. */
  ip?: string | undefined;
  /** What a parser before this one has made of it. */
  body?: unknown;
  /** Bytes as they came, where the platform keeps them, as serverless ones do. */
  rawBody?: unknown;
}

export interface NodeResponse {
  writeHead(status: number, headers?: Record<string, string>): unknown;
  end(text?: string): unknown;
}

export interface NodeHandlerOptions<Request> extends HandlerOptions {
  /** Who is connected, for `allowedSources`. By default Express's `ip`, else that of the socket. */
  remoteAddress?: ((request: Request) => string | undefined) | undefined;
}

/**
 * Answers 204 to a genuine request, after `onEvent`; 401, 400, 403 or 413 in words to others. Reads the body itself, so no
 * parser may come before it, unless it leaves the bytes, as `express.raw()` does. In Express:
 * `app.post('/webhooks', nodeHandler({ secret }, (event) => …))`.
 */
export function nodeHandler<Request extends NodeRequest = NodeRequest>(
  options: NodeHandlerOptions<Request>,
  onEvent: OnEvent<[request: Request]>,
): (request: Request, response: NodeResponse, next?: (error: unknown) => void) => Promise<void> {
  const { maxBytes = DEFAULT_MAX_BYTES, remoteAddress = addressOf } = options;
  const verify = createVerifier(options);

  async function handle(request: Request, response: NodeResponse): Promise<void> {
    const body = await rawBodyOf(request, maxBytes);
    if (body === 'gone') return;
    if (body === 'too large') return refuse(response, TOO_LARGE, { connection: 'close' });
    const { headers } = request;
    const event = await verify({ headers, body, remoteAddress: remoteAddress(request) }).catch(refusalOf);
    if ('status' in event) return refuse(response, event);
    await onEvent(event, request);
    response.writeHead(204);
    response.end();
  }

  return async (request, response, next) => {
    try {
      await handle(request, response);
    } catch (error) {
      if (next) return next(error);
      // Nobody else would say it.
      // eslint-disable-next-line no-console
      console.error(error);
      refuse(response, { status: 500, text: 'The event could not be processed' });
    }
  };
}

const addressOf = ({ ip, socket }: NodeRequest): string | undefined => ip ?? socket.remoteAddress;

function refuse(response: NodeResponse, { status, text }: Refusal, more?: Record<string, string>): void {
  response.writeHead(status, { ...PLAIN_TEXT, ...more });
  response.end(text);
}

async function rawBodyOf(
  request: NodeRequest,
  maxBytes: number,
): Promise<string | Uint8Array | 'too large' | 'gone'> {
  for (const kept of [request.rawBody, request.body]) {
    if (typeof kept === 'string' || kept instanceof Uint8Array)
      return kept.length > maxBytes ? 'too large' : kept;
  }
  if (request.readableEnded)
    throw wasReadBefore('put this route before express.json(), or express.raw({ type: "*/*" }) before it');
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    request.on('data', (chunk) => {
      length += chunk.length;
      if (length <= maxBytes) return chunks.push(chunk);
      // The rest is left where it is: the answer closes the connection.
      request.pause();
      resolve('too large');
    });
    request.on('end', () => resolve(joined(chunks, length)));
    // Who sent it has gone, and nobody is there to be answered.
    request.on('error', () => resolve('gone'));
    request.on('close', () => resolve('gone'));
  });
}
