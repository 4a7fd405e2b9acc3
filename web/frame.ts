/**
 * What goes on with the page around /embed. To it: our height, and that a token is needed. From it: a token, a theme. No token
 * ever goes outwards, nothing is sent to a page whose origin is not known, and nothing is taken from any other window.
 */
import { serverNowMs } from './clock.ts';
import { currentSession, hasEnded, isEmbedded, signIn, subscribe } from './session.ts';
import { setTheme, setVariables } from './theme.ts';

const PREFIX = 'posthorn:';
/** Before a token ends, a new one is asked for. */
const ASK_EARLY_MS = 60_000;
const SHORTEST_WAIT_MS = 2_000;

const parentOrigin = (): string | null => {
  const [closest] = Array.from(location.ancestorOrigins ?? []);
  // A sandboxed page has no origin that a message could be sent to.
  if (closest) return closest === 'null' ? null : closest;
  return document.referrer ? new URL(document.referrer).origin : null;
};

function tell(type: string, more: object = {}): void {
  const origin = parentOrigin();
  if (origin && window.parent !== window) window.parent.postMessage({ type: PREFIX + type, ...more }, origin);
}

let timer: ReturnType<typeof setTimeout> | undefined;
export const askForToken = (): void => tell('token-needed');

export function acceptToken(token: string): void {
  signIn({ credential: token, kind: 'token' });
  clearTimeout(timer);
  const endsAtMs = endOf(token);
  if (isEmbedded && endsAtMs !== null) awaitEnd(endsAtMs);
}

/** One that is short-lived is renewed when half of it is over; by a clock that is wrong none is asked for again and again. */
function awaitEnd(endsAtMs: number): void {
  const leftMs = endsAtMs - serverNowMs();
  const waitMs = Math.max(leftMs - ASK_EARLY_MS, leftMs / 2, SHORTEST_WAIT_MS);
  timer = setTimeout(() => {
    // What time it is may have become known since then.
    if (endsAtMs - serverNowMs() > ASK_EARLY_MS + SHORTEST_WAIT_MS) awaitEnd(endsAtMs);
    else askForToken();
  }, waitMs);
}

/** When a token ends, as it says itself. */
function endOf(token: string): number | null {
  try {
    const [, payload = ''] = token.split('.');
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    const { exp } = claims as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : null;
  } catch {
    return null;
  }
}

export function talkToFrame(): void {
  if (!isEmbedded || window.parent === window) return;
  window.addEventListener('message', ({ data, origin, source }: MessageEvent<unknown>) => {
    if (source !== window.parent || origin !== parentOrigin()) return;
    if (typeof data !== 'object' || data === null) return;
    const { type, token, theme, variables } = data as Record<string, unknown>;
    if (type === `${PREFIX}token` && typeof token === 'string') acceptToken(token);
    if (type !== `${PREFIX}theme`) return;
    if (theme === 'light' || theme === 'dark' || theme === 'system') setTheme(theme, false);
    if (typeof variables === 'object' && variables !== null)
      setVariables(variables as Record<string, unknown>);
  });
  const observer = new ResizeObserver(() => {
    tell('height', { height: Math.ceil(document.documentElement.getBoundingClientRect().height) });
  });
  observer.observe(document.documentElement);
  followVisiblePart();
  if (!currentSession()) askForToken();
  // Revoked, or ended while the machine was asleep.
  subscribe(() => hasEnded() && askForToken());
}

/** In a frame as high as its content, what is fixed would be out of sight: dialogs and drawers go by the part that is seen. */
function followVisiblePart(): void {
  const steps = Array.from({ length: 101 }, (_, step) => step / 100);
  const observer = new IntersectionObserver(
    (entries) => {
      const seen = entries.at(-1)?.intersectionRect;
      if (!seen) return;
      const { style } = document.documentElement;
      style.setProperty('--ph-visible-top', `${Math.max(12, seen.top + 12)}px`);
      style.setProperty('--ph-visible-height', `${Math.max(320, seen.height - 24)}px`);
    },
    { threshold: steps },
  );
  observer.observe(document.body);
}
