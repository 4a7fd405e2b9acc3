import { PROBLEMS, type ProblemCode } from '../../problem.ts';
import { needOf } from '../policy.ts';
import type { Operation } from './operation.ts';

/** What may be wrong with any request to it. */
function* codesOf({
  open,
  method,
  path,
  body,
  query,
  conditional,
  problems = [],
}: Operation): Generator<ProblemCode> {
  if (open) return;
  yield* ['unauthorized', 'too_many_requests', 'internal_error', 'unavailable'];
  if (needOf(method, path) !== 'any') yield 'forbidden';
  if (path.includes('{')) yield* ['malformed_request', 'not_found', 'invalid_request'];
  if (query) yield 'invalid_request';
  if (method !== 'GET')
    yield* ['malformed_request', 'payload_too_large', 'unsupported_media_type', 'invalid_request'];
  if (body) yield 'invalid_request';
  if (conditional) yield 'changed_meanwhile';
  yield* problems;
}

/** By status, as responses; each says with which codes. */
export function problemsOf(operation: Operation): Record<string, object> {
  const codes = [...new Set(codesOf(operation))];
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code].status as number))].sort();
  return Object.fromEntries(
    statuses.map((status) => {
      const ofStatus = codes.filter((code) => PROBLEMS[code].status === status);
      return [
        status,
        ofStatus.length === 1 ? { $ref: `#/components/responses/${ofStatus[0]}` } : response(ofStatus),
      ];
    }),
  );
}

/** Of all problems, each by itself. */
export const RESPONSES = Object.fromEntries(
  (Object.keys(PROBLEMS) as ProblemCode[]).map((code) => [code, response([code])]),
);

function response(codes: ProblemCode[]) {
  const { status } = PROBLEMS[codes[0]!];
  const retry = {
    'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } },
  };
  return {
    description: codes.map((code) => `${PROBLEMS[code].title} (\`${code}\`)`).join(', or '),
    ...(status === 429 || status === 503 ? { headers: retry } : {}),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Problem' },
            { type: 'object', properties: { code: { enum: codes } } },
          ],
        },
      },
    },
  };
}
