import type { RequestHandler, Response } from 'express';
import type { IncomingMessage } from 'node:http';
import type { Authenticator } from '../access/authenticator.ts';
import { allows, type Credential } from '../access/credential.ts';
import { onBehalfOf } from '../actor.ts';
import { Problem } from '../problem.ts';
import { needOf, tenantOf } from './policy.ts';

/** Lets through who may do this, before anything of its body is read. */
export function authorize(authenticator: Authenticator): RequestHandler {
  return async (request, response, next) => {
    const credential = await admit(authenticator, request, request.path);
    response.locals.credential = credential;
    onBehalfOf(credential, next);
  };
}

/**
 * Who presents a key or token that is good for this request. Throws a Problem: 401 for who is unknown, 404 for who asks for
 * another tenant's, 403 for who may not do this.
 */
export async function admit(
  authenticator: Authenticator,
  { headers, method, socket }: IncomingMessage,
  path: string,
): Promise<Credential> {
  const credential = await authenticator.authenticate(headers.authorization, socket.remoteAddress ?? '');
  const tenantId = tenantIn(path);
  if (credential.tenantId !== null && tenantId !== null && tenantId !== credential.tenantId)
    throw Problem.notFound('tenant', tenantId);
  const need = needOf(method!, path);
  if (!allows(credential, need)) throw forbidden(credential, need);
  return credential;
}

/** Who asks: set by {@link authorize}. */
export const credentialOf = (response: Response): Credential => response.locals.credential as Credential;

function forbidden({ kind, scopes }: Credential, need: string): Problem {
  const has = [...scopes].join(', ');
  return new Problem(
    'forbidden',
    kind === 'token'
      ? `This token is for "${has}", and this request needs "${need}".`
      : `This API key has the scopes ${has}, and this request needs "${need}".`,
  );
}

function tenantIn(path: string): string | null {
  try {
    return tenantOf(path);
  } catch {
    throw new Problem(
      'malformed_request',
      'The path is not encoded as it should be: "%" must be followed by two hex digits.',
    );
  }
}
