import type { Endpoint } from '../domain.ts';
import { isSensitiveHeader } from '../http/mask.ts';
import { Problem } from '../problem.ts';
import type { EndpointPatch } from './input.ts';

/**
 * Credentials were given for a server, and are never shown again: whoever may change an endpoint's URL must not get them by having
 * them sent to a server of his own. So with another origin, or another path of it (at many a service, paths are what tells customers
 * apart), they are given anew, or taken away. Headers whose names do not sound like credentials are shown to whoever may read. The
 * signing secret is none of them: it proves who sends, and opens nothing.
 */
export function refuseToMoveCredentials(
  { url, auth, headers, clientCertificate, unreadable }: Endpoint,
  patch: EndpointPatch & { url: string },
): void {
  const [from, to] = [placeOf(url), placeOf(patch.url)];
  if (from === to) return;
  // What cannot be read may be there.
  const isUnknown = unreadable !== null;
  const kept = [
    { path: 'auth', isThere: auth !== null, none: 'null' },
    { path: 'headers', isThere: Object.keys(headers).some(isSensitiveHeader), none: '{}' },
    { path: 'client_certificate', isThere: clientCertificate !== null, none: 'null' },
  ] as const;
  const errors = kept
    .filter(({ path, isThere }) => (isThere || isUnknown) && patch[path] === undefined)
    .map(({ path, none }) => ({
      path,
      message: `was given for ${from} and would be sent to ${to}: give it anew with the "url", or ${none} to leave it out`,
    }));
  if (errors.length > 0) throw Problem.invalid(errors);
}

/** Without the query. */
function placeOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
