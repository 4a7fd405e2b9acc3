/** What went wrong with one field of a request. `path` is as the caller wrote it: `events[2].type`. */
export interface FieldError {
  path: string;
  message: string;
}

/**
 * Every kind of problem there is: what callers may rely on, so a code is never renamed or given another meaning.
 * docs/api.md lists them for people.
 */
export const PROBLEMS = {
  malformed_request: { status: 400, title: 'Malformed request' },
  unauthorized: { status: 401, title: 'Unauthorized' },
  forbidden: { status: 403, title: 'Forbidden' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  delivery_ended: { status: 409, title: 'Delivery ended' },
  request_timeout: { status: 408, title: 'Request timeout' },
  payload_dropped: { status: 409, title: 'Payload dropped' },
  endpoint_deleted: { status: 409, title: 'Endpoint deleted' },
  replay_running: { status: 409, title: 'Replay running' },
  replay_ended: { status: 409, title: 'Replay ended' },
  endpoint_disabled: { status: 409, title: 'Endpoint disabled' },
  tenant_being_deleted: { status: 409, title: 'Tenant being deleted' },
  changed_meanwhile: { status: 412, title: 'Changed meanwhile' },
  payload_too_large: { status: 413, title: 'Payload too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  invalid_request: { status: 422, title: 'Invalid request' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'Request header fields too large' },
  internal_error: { status: 500, title: 'Internal error' },
  unavailable: { status: 503, title: 'Temporarily unavailable' },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/**
 * A request that cannot be done, said for the person who sent it. Becomes an application/problem+json
 * answer (RFC 9457) over HTTP, and a non-retryable failure in a workflow.
 */
export class Problem extends Error {
  override name = 'Problem';
  readonly code: ProblemCode;
  readonly status: number;
  readonly title: string;
  readonly errors: FieldError[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ProblemCode, detail: string, errors: FieldError[] = [], retryAfterSeconds?: number) {
    super(detail);
    this.code = code;
    this.status = PROBLEMS[code].status;
    this.title = PROBLEMS[code].title;
    this.errors = errors;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  static invalid(errors: FieldError[]): Problem {
    const detail = errors
      .map((error) => (error.path ? `${error.path}: ${error.message}` : error.message))
      .join('; ');
    return new Problem('invalid_request', detail, errors);
  }

  static field(path: string, message: string): Problem {
    return Problem.invalid([{ path, message }]);
  }

  /** `made`: what the earlier request became, such as `event evt_1`. */
  static reusedKey(key: string, made: string | null): Problem {
    const which = made === null ? '' : ` (${made})`;
    const message = `"${key}" was used for another request${which}: a new request needs a new key`;
    return Problem.field('Idempotency-Key', message);
  }

  static notFound(what: string, id: string): Problem {
    return new Problem('not_found', `There is no ${what} "${id}" here.`);
  }

  static unavailable(detail: string, retryAfterSeconds: number): Problem {
    return new Problem('unavailable', detail, [], retryAfterSeconds);
  }
}
