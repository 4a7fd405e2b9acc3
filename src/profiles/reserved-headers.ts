/** Headers of a delivery that neither a profile nor an endpoint may name: HTTP and Posthorn set them. */
const OURS = new Set([
  ...['authorization', 'connection', 'content-encoding', 'content-length', 'content-type', 'date', 'expect'],
  ...['host', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'user-agent'],
]);

/** Names that JavaScript's objects have a meaning of their own for: as keys, they would not be what they seem. */
const MEANT_FOR_OBJECTS = new Set(['__proto__', 'constructor', 'prototype']);

export function isReservedHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return OURS.has(lower) || lower.startsWith('proxy-') || MEANT_FOR_OBJECTS.has(lower);
}
