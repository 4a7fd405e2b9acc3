/** Where the time of an exchange went. */
import type { Timing } from '../domain.ts';
import type { ConnectPhase } from './connector.ts';

/** When a connection's opening came to each of its phases (performance.now()). */
export type OpeningMarks = Partial<Record<ConnectPhase, number>>;

export const NO_TIMING: Timing = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null };

/** `opening`: of the connection that was opened for this exchange; null: it was open already. */
export function timingOf(
  opening: OpeningMarks | null,
  requestStartedAt: number | null,
  answeredAt: number | null,
): Timing {
  const firstByteMs = between(requestStartedAt, answeredAt);
  if (opening === null) return { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs };
  const { resolving, connecting, handshaking, established } = opening;
  return {
    dnsMs: between(resolving, connecting),
    connectMs: between(connecting, handshaking ?? established),
    tlsMs: between(handshaking, established),
    firstByteMs,
  };
}

/** Milliseconds with two decimals. */
export const rounded = (ms: number): number => Math.round(ms * 100) / 100;

function between(from: number | null = null, to: number | null = null): number | null {
  return from === null || to === null ? null : rounded(to - from);
}
