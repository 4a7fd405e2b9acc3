/** What can go wrong, as classes. None of them holds the key or the token. */
import type { FieldError, Problem } from './types.ts';

/** `unexpected_answer`: it did not come from Posthorn, but from a proxy, say, or another program at that address. */
export type ErrorCode = Problem['code'] | 'unexpected_answer' | (string & {});

/** Everything that this client throws itself; besides, TypeError for a call that is wrong, and your signal's own reason. */
export class PosthornError extends Error {
  override name = 'PosthornError';
  readonly method: string;
  readonly url: string;

  constructor(method: string, url: string, message: string, options?: ErrorOptions) {
    super(`${method} ${url}: ${message}`, options);
    this.method = method;
    this.url = url;
  }
}

/** Posthorn has answered, and not with 2xx. */
export class PosthornApiError extends PosthornError {
  override name = 'PosthornApiError';
  readonly status: number;
  /** What to decide by: codes stay as they are, words may change. */
  readonly code: ErrorCode;
  readonly title: string;
  /** For people. */
  readonly detail: string;
  /** What is wrong with which field, as it was sent: `events[2].type`. */
  readonly errors: readonly FieldError[];
  readonly retryAfterSeconds: number | undefined;
  /** `X-Request-Id` of the answer, where something on the way sets one. */
  readonly requestId: string | undefined;

  constructor(method: string, url: string, answer: ProblemAnswer) {
    super(method, url, `${answer.status} ${answer.code}: ${answer.detail}`);
    this.status = answer.status;
    this.code = answer.code;
    this.title = answer.title;
    this.detail = answer.detail;
    this.errors = answer.errors ?? [];
    this.retryAfterSeconds = answer.retryAfterSeconds;
    this.requestId = answer.requestId;
  }
}

export interface ProblemAnswer extends Pick<Problem, 'status' | 'title' | 'detail' | 'errors'> {
  code: ErrorCode;
  retryAfterSeconds?: number | undefined;
  requestId?: string | undefined;
}

/** No answer, or half of one. Whether the request was carried out is not known, unless it could be repeated. */
export class PosthornConnectionError extends PosthornError {
  override name = 'PosthornConnectionError';
}

/** No whole answer in time. As with PosthornConnectionError, it is not known what became of the request. */
export class PosthornTimeoutError extends PosthornConnectionError {
  override name = 'PosthornTimeoutError';
}
