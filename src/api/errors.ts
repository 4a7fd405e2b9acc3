import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { Problem } from '../problem.ts';
import { isConnectionError } from '../store/pool.ts';

/** Writes an RFC 9457 problem document. */
export function sendProblem(response: Response, problem: Problem): void {
  if (problem.retryAfterSeconds !== undefined)
    response.setHeader('Retry-After', String(problem.retryAfterSeconds));
  if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  response
    .status(problem.status)
    .type('application/problem+json')
    .send(JSON.stringify(problemDocument(problem)));
}

export function problemDocument(problem: Problem) {
  return {
    type: 'about:blank',
    title: problem.title,
    status: problem.status,
    detail: problem.message,
    ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
  };
}

/** What the body parser and our own code throw, as problems. Anything else is our fault: logged, and answered 500. */
export function errorHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const problem = toProblem(error);
    if (problem.status >= 500 && problem.status !== 503) {
      log.error({ err: error, method: request.method, path: request.path }, 'a request failed');
    }
    sendProblem(response, problem);
  };
}

export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isConnectionError(error))
    return Problem.unavailable('The database cannot be reached; try again shortly.', 2);
  const { type, status, limit } = error as { type?: string; status?: number; limit?: number };
  if (type === 'entity.parse.failed') {
    return new Problem(
      400,
      'Malformed request',
      `The body is not a JSON object: ${(error as Error).message}`,
    );
  }
  if (type === 'entity.too.large') {
    return new Problem(
      413,
      'Payload too large',
      `The body is larger than ${limit} bytes, the most that is accepted here.`,
    );
  }
  if (status !== undefined && status >= 400 && status < 500) {
    return new Problem(status, 'Bad request', (error as Error).message);
  }
  return new Problem(500, 'Internal error', 'Posthorn failed to answer this request; the log says why.');
}

export const notFound: RequestHandler = (request, response) => {
  sendProblem(
    response,
    new Problem(404, 'Not found', `There is no ${request.method} ${request.path} in this API.`),
  );
};
