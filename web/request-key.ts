/** A request that is sent again under the same key is done once. `crypto.randomUUID` is there on https alone. */
export const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
