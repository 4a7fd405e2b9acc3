/** What stands where a secret was. */
export const MASK = '[redacted]';

const SENSITIVE =
  /auth|token|secret|api-?key|access-?key|pass|pwd|jwt|bearer|cookie|credential|session|licen[cs]e|key\d*(?:$|[-_.])|(?:^|[-_.])(?:creds?|sid|otp|pin|psk)(?:$|[-_.])/i;

/** True for header names whose values must not be shown again. */
export function isSensitiveHeader(name: string): boolean {
  return SENSITIVE.test(name);
}

/**
 * A copy to be logged and shown: values of sensitive headers masked, and of those in `own`, whatever they are called;
 * signatures (no secrets) left as they are.
 */
export function maskHeaders(
  headers: Record<string, string>,
  own: Record<string, string> = {},
): Record<string, string> {
  const masked: Record<string, string> = {};
  for (const name in headers) {
    masked[name] = isSensitiveHeader(name) || Object.hasOwn(own, name) ? MASK : headers[name]!;
  }
  return masked;
}
