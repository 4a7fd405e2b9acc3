/** For whatever hands over a Web-standard Request: Next.js route handlers, Hono, Deno, Bun, edge runtimes. */
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

export interface FetchHandlerOptions<More extends unknown[]> extends HandlerOptions {
  /**
   * Who is connected, for `allowedSources`: a Request does not say. It gets what the runtime passes besides, as
   * `(request, info) => info.remoteAddr.hostname` in Deno. A header is worth what sets it: only your own proxy.
   */
  remoteAddress?: ((request: Request, ...more: More) => string | undefined) | undefined;
}

/**
 * Answers 204 to a genuine request, after `onEvent`; 401, 400, 403 or 413 in words to others. In Next.js:
 * `export const POST = fetchHandler({ secret }, (event) => …)`.
 */
export function fetchHandler<More extends unknown[] = unknown[]>(
  options: FetchHandlerOptions<More>,
  onEvent: OnEvent<[request: Request]>,
): (request: Request, ...more: More) => Promise<Response> {
  const { remoteAddress } = options;
  if (options.allowedSources && !remoteAddress)
    throw new TypeError('allowedSources needs remoteAddress: a Request does not say who is connected');
  const answer = createAnswer(options);
  return (request, ...more) =>
    answer(request, remoteAddress?.(request, ...more), (event) => onEvent(event, request));
}

function createAnswer(options: HandlerOptions) {
  const { maxBytes = DEFAULT_MAX_BYTES } = options;
  const verify = createVerifier(options);
  return async (request: Request, remoteAddress: string | undefined, onEvent: OnEvent<[]>) => {
    if (request.bodyUsed) throw wasReadBefore('leave it to this handler');
    const body = await readAtMost(request, maxBytes);
    if (body === null) return refused(TOO_LARGE);
    const event = await verify({ headers: request.headers, body, remoteAddress }).catch(refusalOf);
    if ('status' in event) return refused(event);
    await onEvent(event);
    return new Response(null, { status: 204 });
  };
}

const refused = ({ status, text }: Refusal): Response => new Response(text, { status, headers: PLAIN_TEXT });

/** null: it is longer. */
async function readAtMost({ body }: Request, maxBytes: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader!.read()) {
    length += read.value.length;
    if (length > maxBytes) {
      await reader!.cancel();
      return null;
    }
    chunks.push(read.value);
  }
  return joined(chunks, length);
}

export function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** As far as it is looked into here. */
export interface HonoContext {
  req: { raw: Request };
  env: unknown;
}

export interface HonoHandlerOptions<Context> extends HandlerOptions {
  /** Who is connected, for `allowedSources`. By default what `@hono/node-server` knows. */
  remoteAddress?: ((context: Context) => string | undefined) | undefined;
}

/** `app.post('/webhooks', honoHandler({ secret }, (event) => …))`. */
export function honoHandler<Context extends HonoContext = HonoContext>(
  options: HonoHandlerOptions<Context>,
  onEvent: OnEvent<[Context]>,
): (context: Context) => Promise<Response> {
  const { remoteAddress = ofNodeServer } = options;
  const answer = createAnswer(options);
  return (context) => answer(context.req.raw, remoteAddress(context), (event) => onEvent(event, context));
}

function ofNodeServer({ env }: HonoContext): string | undefined {
  const { incoming } = (env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress;
}
