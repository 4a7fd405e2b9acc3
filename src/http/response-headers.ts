/** Response headers as they are kept with an attempt. */
import type { IncomingHttpHeaders } from 'node:http';
import { isSensitiveHeader, MASK } from './mask.ts';

/** How the server wants credentials, not credentials. */
const CHALLENGE = /^(www|proxy)-authenticate$/;

/**
 * Names in lower case, several values of one name joined by ', '. Cookies and the like are masked: they may be someone's session.
 * Not bounded here: undici refuses more than 16 KiB of them.
 */
export function recordedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const recorded: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || name === '__proto__') continue;
    if (isSensitiveHeader(name) && !CHALLENGE.test(name)) recorded[name] = MASK;
    else recorded[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return recorded;
}

/** The declared length in bytes; null when there is none that makes sense. */
export function declaredLength(headers: Record<string, string>): number | null {
  const value = headers['content-length'];
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : null;
}
