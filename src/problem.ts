/** What went wrong with one field of a request. `path` is as the caller wrote it: `events[2].type`. */
export interface FieldError {
  path: string;
  message: string;
}

/**
 * A request that cannot be done, said for the person who sent it. Becomes an application/problem+json
 * answer (RFC 9457) over HTTP, and a non-retryable failure in a workflow.
 */
export class Problem extends Error {
  override name = 'Problem';
  readonly status: number;
  readonly title: string;
  readonly errors: FieldError[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    title: string,
    detail: string,
    errors: FieldError[] = [],
    retryAfterSeconds?: number,
  ) {
    super(detail);
    this.status = status;
    this.title = title;
    this.errors = errors;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  static invalid(errors: FieldError[]): Problem {
    const detail = errors
      .map((error) => (error.path ? `${error.path}: ${error.message}` : error.message))
      .join('; ');
    return new Problem(422, 'Invalid request', detail, errors);
  }

  static field(path: string, message: string): Problem {
    return Problem.invalid([{ path, message }]);
  }

  static notFound(what: string, id: string): Problem {
    return new Problem(404, 'Not found', `There is no ${what} "${id}" here.`);
  }

  static unavailable(detail: string, retryAfterSeconds: number): Problem {
    return new Problem(503, 'Temporarily unavailable', detail, [], retryAfterSeconds);
  }
}
