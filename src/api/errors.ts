import type { ErrorRequestHandler, RequestHandler, Router } from 'express';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { Problem } from '../problem.ts';
import { isConnectionError } from '../store/pool.ts';

/** Writes an RFC 9457 problem document. */
export function sendProblem(response: ServerResponse, problem: Problem): void {
  if (problem.retryAfterSeconds !== undefined)
    response.setHeader('Retry-After', String(problem.retryAfterSeconds));
  if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  const text = JSON.stringify(problemDocument(problem));
  response.statusCode = problem.status;
  response.setHeader('Content-Type', 'application/problem+json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}

export function problemDocument(problem: Problem) {
  return {
    type: 'about:blank',
    title: problem.title,
    status: problem.status,
    code: problem.code,
    detail: problem.message,
    ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
  };
}

export function errorHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    answerError(log, error, request, response);
  };
}

/** What the body parser and our own code throw, as problems. Anything else is our fault: logged, and answered 500. */
export function answerError(
  log: Logger,
  error: unknown,
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
): void {
  const problem = toProblem(error);
  if (problem.status >= 500 && problem.status !== 503)
    log.error({ err: error, method, path: url.replace(/\?.*/s, '') }, 'a request failed');
  sendProblem(response, problem);
}

export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isConnectionError(error))
    return Problem.unavailable('The database cannot be reached; try again shortly.', 2);
  const { type, status, limit } = error as { type?: string; status?: number; limit?: number };
  if (type === 'entity.too.large') {
    return new Problem(
      'payload_too_large',
      `The body is larger than ${limit} bytes, the most that is accepted here.`,
    );
  }
  if (status !== undefined && status >= 400 && status < 500) {
    const code = status === 415 ? 'unsupported_media_type' : 'malformed_request';
    return new Problem(code, (error as Error).message);
  }
  return new Problem('internal_error', 'Posthorn failed to answer this request; the log says why.');
}

export const notFound: RequestHandler = (request, response) => {
  sendProblem(
    response,
    new Problem('not_found', `There is no ${request.method} ${request.path} in this API.`),
  );
};

/** What Express knows of a router's routes, as far as it is needed here. */
interface Layer {
  route?: { methods: Record<string, boolean> };
  match(path: string): boolean;
}

/** The path is there, but not for this method: 405 with those it is there for. */
export function wrongMethod(router: Router): RequestHandler {
  return (request, response, next) => {
    const layers = (router.stack as unknown as Layer[]).filter(({ route }) => route !== undefined);
    const methods = layers
      .filter((layer) => layer.match(request.path))
      .flatMap((layer) => Object.keys(layer.route!.methods).map((method) => method.toUpperCase()));
    if (methods.length === 0) return next();
    const allowed = [...new Set(methods)].join(', ');
    response.setHeader('Allow', allowed);
    const detail = `${request.path} is not there for ${request.method}, but for ${allowed}.`;
    sendProblem(response, new Problem('method_not_allowed', detail));
  };
}
