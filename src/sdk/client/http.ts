/** One request with its retries, over fetch. */
import { PosthornApiError, PosthornConnectionError, PosthornError, PosthornTimeoutError } from './errors.ts';
import { toJson } from './json.ts';
import { parseRetryAfter, waitBeforeRetry } from './retry.ts';
import type { FieldError } from './types.ts';

/** What may be said of every call, and of all of them when the client is made. */
export interface Limits {
  /** For one try, with its answer. By default 30. */
  timeoutSeconds?: number | undefined;
  /** How often a request that may be repeated is tried again. By default 4; 0: never. */
  maxRetries?: number | undefined;
  /** For all tries and the waits between them. By default 60. */
  totalTimeoutSeconds?: number | undefined;
}

export const DEFAULT_LIMITS = { timeoutSeconds: 30, maxRetries: 4, totalTimeoutSeconds: 60 };

export interface Outgoing {
  method: string;
  url: string;
  body?: unknown;
  idempotencyKey?: string | undefined;
  ifUpdatedAt?: string | undefined;
  isRepeatable: boolean;
  /** 404 to a repeated request: the one before has done it. */
  goneIsDone?: boolean | undefined;
  /** Statuses outside 2xx whose answer is one like any other. */
  takes?: readonly number[] | undefined;
  /** The answer is text, not JSON. */
  isText?: boolean | undefined;
}

export interface Sender {
  fetch: typeof fetch;
  /** The value of the header; asked anew for every try. */
  authorization: () => string | undefined | Promise<string | undefined>;
}

/** The answer's JSON, or its text; undefined where there is none. */
export async function send(
  sender: Sender,
  request: Outgoing,
  { signal, ...limits }: Limits & { signal?: AbortSignal | undefined },
): Promise<unknown> {
  const { timeoutSeconds, maxRetries, totalTimeoutSeconds } = { ...DEFAULT_LIMITS, ...limits };
  const text = request.body === undefined ? undefined : toJson(request.body);
  const endsAt = performance.now() + totalTimeoutSeconds * 1000;
  let mayBeDone = false;
  for (let made = 1; ; made += 1) {
    signal?.throwIfAborted();
    const leftMs = endsAt - performance.now();
    try {
      return await exchange(sender, request, text, Math.min(timeoutSeconds * 1000, leftMs), signal);
    } catch (error) {
      if (mayBeDone && request.goneIsDone && error instanceof PosthornApiError && error.status === 404)
        return undefined;
      const waitMs = waitBeforeRetry(error, {
        isRepeatable: request.isRepeatable,
        made,
        maxRetries,
        leftMs: endsAt - performance.now(),
      });
      if (waitMs === null) throw error;
      mayBeDone ||= !(error instanceof PosthornApiError && error.status === 429);
      await pause(waitMs, signal);
    }
  }
}

async function exchange(
  sender: Sender,
  request: Outgoing,
  body: string | undefined,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const { method, url } = request;
  const headers: Record<string, string> = { accept: 'application/json' };
  const authorization = await sender.authorization();
  if (authorization !== undefined) headers.authorization = authorization;
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (request.idempotencyKey !== undefined) headers['idempotency-key'] = request.idempotencyKey;
  if (request.ifUpdatedAt !== undefined) headers['if-match'] = `"${request.ifUpdatedAt}"`;

  // Not AbortSignal.timeout and .any: those would stay behind for as long as the signal of the caller lives.
  const ending = new AbortController();
  const giveUp = () => ending.abort(signal?.reason);
  signal?.addEventListener('abort', giveUp);
  let isOver = false;
  const timer = setTimeout(
    () => {
      isOver = true;
      ending.abort();
    },
    Math.min(Math.max(timeoutMs, 1), 2 ** 31 - 1),
  );
  try {
    // A redirected POST would arrive as a GET, or at somebody else.
    const init = { method, headers, signal: ending.signal, redirect: 'manual' as const };
    const response = await sender.fetch(url, body === undefined ? init : { ...init, body });
    const text = await response.text();
    return readAnswer(request, response, text);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof PosthornError) throw error;
    if (isOver) {
      const seconds = Math.round(timeoutMs / 100) / 10;
      throw new PosthornTimeoutError(method, url, `there was no answer within ${seconds} s`);
    }
    throw new PosthornConnectionError(method, url, `there was no answer: ${reasonOf(error)}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}

/** fetch says no more than "fetch failed" by itself. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  if (!(cause instanceof Error)) return message;
  const { code } = cause as { code?: string };
  return cause.message || code || message;
}

function readAnswer({ method, url, takes, isText }: Outgoing, response: Response, text: string): unknown {
  const { status, headers } = response;
  const type = headers.get('content-type') ?? '';
  const isJson = /^application\/(?:[\w.-]+\+)?json\b/i.test(type);
  const content = isJson ? parsed(text) : undefined;
  if (response.ok || takes?.includes(status)) {
    if (status === 204) return undefined;
    if (isText && /^text\/plain\b/i.test(type)) return text;
    if (content !== undefined) return content;
  }
  const problem = (content ?? {}) as {
    code?: unknown;
    title?: unknown;
    detail?: unknown;
    errors?: FieldError[];
  };
  const isProblem = typeof problem.code === 'string' && typeof problem.detail === 'string';
  throw new PosthornApiError(method, url, {
    status,
    code: isProblem ? (problem.code as string) : 'unexpected_answer',
    title: isProblem ? String(problem.title) : 'Unexpected answer',
    detail: isProblem ? (problem.detail as string) : oddity(response, type),
    errors: problem.errors,
    retryAfterSeconds: parseRetryAfter(headers.get('retry-after')),
    requestId: headers.get('x-request-id') ?? undefined,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function oddity({ status, type, headers }: Response, contentType: string): string {
  if (type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    const to = headers.get('location');
    return `is redirected${to ? ` to ${to}` : ''}: give the final address as baseUrl`;
  }
  return `the answer (${contentType || 'of no type'}) is not one of Posthorn's: is it at this address, and what is in between?`;
}

export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const end = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}
