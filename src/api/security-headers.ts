/** What every answer says to browsers. HSTS is missing on purpose: that is for the proxy that speaks TLS. */
import type { ServerResponse } from 'node:http';

/** Nothing but data: it is what it says it is, nobody keeps it, nobody shows it in a frame, and it may load nothing. */
const OF_DATA: Record<string, string> = {
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': `default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
const AS_MAP = new Map(Object.entries(OF_DATA));

/** The same as they go over the wire. */
export const RAW_SECURITY_HEADERS: readonly string[] = Object.entries(OF_DATA).flat();

/**
 * Where an answer is written thousands of times a second: no browser can come there by itself, with a POST and a key, and show it. All six of them
 * would cost a request some 10 µs, which is more than a hundredth of what it costs at all; these two cost nothing that can be measured.
 */
export const LEAN_SECURITY_HEADERS: readonly string[] = RAW_SECURITY_HEADERS.slice(0, 4);

/** For all answers, before anything else is decided about them. */
export const protect = (response: ServerResponse): void => void response.setHeaders(AS_MAP);

/**
 * A page for people, after {@link protect}: it brings a policy of its own, and says how long it may be kept. `framed`: others may
 * show it in theirs, as far as its policy's `frame-ancestors` lets them.
 */
export function protectPage(
  response: ServerResponse,
  { policy, cache, framed = false }: { policy: string; cache: string; framed?: boolean },
): void {
  response.setHeader('Content-Security-Policy', policy);
  response.setHeader('Cache-Control', cache);
  if (framed) response.removeHeader('X-Frame-Options');
}
