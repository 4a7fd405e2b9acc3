/** What an attempt came to, as a sentence for whoever set the endpoint up: what happened, and what to do. Pure. */
import type { AttemptErrorClass } from '../domain.ts';
import type { Flaw } from './flawed.ts';

export interface Attempted {
  statusCode: number | null;
  errorClass: AttemptErrorClass | null;
  errorMessage: string | null;
  remark: string | null;
  durationMs: number;
}

export function inWords(attempt: Attempted): string {
  const { statusCode, errorClass, remark } = attempt;
  const message = attempt.errorMessage ?? '';
  const after = afterMs(attempt.durationMs);
  switch (errorClass) {
    case null:
      return `Answered ${statusCode} ${after}: the endpoint accepts deliveries.${remark ? ` But ${remark}.` : ''}`;
    case 'http':
      return `Answered ${statusCode} ${after}: the endpoint was reached, but ${refusal(statusCode!)}`;
    case 'redirect':
      return `Answered ${statusCode} ${after}, which leads elsewhere: redirects are not followed. Give the URL at its end.`;
    case 'timeout':
      return `No answer in time: ${message}. ${slow(message)}`;
    case 'dns':
      return `Not reached: ${message}. Is the host name right?`;
    case 'connection':
      return `No answer: ${message}. Does a server listen there that may be reached from outside?`;
    case 'tls':
      return `Reached, but no secure connection came about: ${message}. See to the server's certificate.`;
    case 'blocked_address':
      return `Nothing was sent: ${message}`;
    case 'invalid_response':
      return `Something answered ${after}, but ${message}. Is this the URL of a web server?`;
    case 'invalid_request':
      return `Nothing was sent: ${message}. Change the endpoint's settings.`;
    case 'template':
      return `${message}.`;
  }
}

/** Of a request that had to be refused: whether it was. Null: it failed before anybody could. */
export function isRefusal({ statusCode, errorClass }: Attempted): boolean | null {
  if (errorClass === null) return false;
  return errorClass === 'http' && statusCode !== null && statusCode >= 400 && statusCode < 500 ? true : null;
}

export function refusalInWords(attempt: Attempted, flaw: Flaw): string {
  const { statusCode } = attempt;
  const isRefused = isRefusal(attempt);
  if (isRefused) return `Refused with ${statusCode}, as it should be.`;
  if (isRefused === null)
    return `It cannot be told whether the endpoint would refuse it: it should answer 4xx. ${inWords(attempt)}`;
  return flaw === 'signature'
    ? `Answered ${statusCode}: the endpoint accepts a wrong signature. Whoever knows its URL can post to it.`
    : `Answered ${statusCode}: the endpoint accepts what was signed an hour ago. Whoever has recorded a request can send it again.`;
}

function afterMs(ms: number): string {
  if (ms < 1) return 'within a millisecond';
  return ms < 10_000 ? `after ${Math.round(ms)} ms` : `after ${Math.round(ms / 1000)} s`;
}

function refusal(status: number): string {
  if (status === 401 || status === 403)
    return 'did not accept the request. Do its credentials fit (auth, headers), and the secret that it checks the signature with?';
  if (status === 404) return 'has nothing under this path. Is the URL complete?';
  if (status === 405) return 'does not take this method there. Is the URL right, and method?';
  if (status === 410) return 'says that it is gone for good. An endpoint that answers so is switched off.';
  if (status === 413) return 'takes no body as long as this one.';
  if (status === 429) return 'takes no more requests for now.';
  if (status >= 500) return 'failed to work on the request. Its own log will say why.';
  return 'refused the request. Its answer may say why.';
}

function slow(message: string): string {
  if (message.endsWith('waiting for the response'))
    return 'The endpoint was reached: it should answer first and work afterwards, or be given a longer timeout_seconds.';
  if (message.endsWith('resolving the host name')) return 'Is the host name right?';
  if (message.endsWith('connecting'))
    return 'Is the address right, and does a firewall on the way let this through?';
  return 'It was reached, but got no further.';
}
