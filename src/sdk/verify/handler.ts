/** What the adapters have in common. */
import { WebhookVerificationError } from './failure.ts';
import type { VerifiedWebhook, VerifierOptions } from './webhook.ts';

export interface HandlerOptions extends VerifierOptions {
  /** Longer bodies are refused with 413. By default 4 MiB; Posthorn takes data of up to 1 MiB. */
  maxBytes?: number | undefined;
}

export const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;

/**
 * Is waited for, so leave work that takes long to a queue: the sender has a time limit. What it throws goes to the framework,
 * which answers 500, and the event comes again. Without a throw, the answer is 204. `more` is what the framework passes.
 */
export type OnEvent<More extends unknown[]> = (event: VerifiedWebhook, ...more: More) => unknown;

export interface Refusal {
  status: number;
  text: string;
}

export const TOO_LARGE: Refusal = { status: 413, text: 'The body is longer than is taken here' };
export const PLAIN_TEXT = { 'content-type': 'text/plain; charset=utf-8' };

/** How to answer what is not to be trusted. Anything else is thrown on. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof WebhookVerificationError)) throw error;
  return { status: STATUSES[error.code] ?? 401, text: error.message };
}

const STATUSES: Partial<Record<WebhookVerificationError['code'], number>> = {
  source_not_allowed: 403,
  malformed_body: 400,
};

/** A body that was parsed cannot be verified: written again, it is another text. */
export const wasReadBefore = (what: string): TypeError =>
  new TypeError(`The body has been read before it could be verified: ${what}`);
