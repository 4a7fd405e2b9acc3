import createClient from 'openapi-fetch';
import type { paths } from '../../dist/web-api.d.ts';
import { hearDate } from '../clock.ts';
import { currentSession, hasEnded, refuse } from '../session.ts';
import { words } from '../words/index.ts';
import type { Schemas } from './types.ts';

export type * from './types.ts';

/** What the API answered that is no success; `status` 0: nothing was answered. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly code: string;
  readonly errors: readonly { path: string; message: string }[];

  constructor(status: number, document: Partial<Omit<Schemas['Problem'], 'code'>> & { code?: string }) {
    super(document.detail ?? document.title ?? words.errors.status(status));
    this.status = status;
    this.code = document.code ?? 'unknown';
    this.errors = document.errors ?? [];
  }
}

/** `fetch` on behalf of who is signed in. */
export async function fetchSignedIn(request: Request): Promise<Response> {
  const session = currentSession();
  if (session) request.headers.set('Authorization', `Bearer ${session.credential}`);
  // What is kept behind the sign-in waits: without a credential it would only be refused.
  else if (hasEnded() && !request.headers.has('Authorization'))
    throw new ApiProblem(401, { detail: words.signIn.refused, code: 'unauthorized' });
  let response: Response;
  const beganMs = performance.now();
  try {
    response = await fetch(request, { credentials: 'omit', cache: 'no-store' });
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new ApiProblem(0, { detail: words.errors.unreachable, code: 'unreachable' });
  }
  hearDate(response.headers.get('date'), performance.now() - beganMs);
  if (response.status === 401 && session) refuse(session.credential);
  return response;
}

export const api = createClient<paths>({
  baseUrl: location.origin,
  fetch: fetchSignedIn,
  querySerializer: { array: { style: 'form', explode: false } },
});

/** In an address they are no names but ways up: a link with `open=..` would ask something else than it says, with the reader's rights. */
const isWayUp = (part: unknown): boolean => part === '.' || part === '..';

api.use({
  onRequest({ params }) {
    if (Object.values(params.path ?? {}).some(isWayUp))
      throw new ApiProblem(404, { detail: words.errors.noSuchPage, code: 'not_found' });
  },
});

/** What was answered, or an ApiProblem. */
export async function ask<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await answer;
  if (response.ok) return data as T;
  throw new ApiProblem(response.status, (error ?? {}) as Partial<Schemas['Problem']>);
}
