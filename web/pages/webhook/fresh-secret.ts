/** Secrets that were made a moment ago, until the page is left: shown once, in no address and no storage. */
const fresh = new Map<string, string>();

export const keepFreshSecret = (endpointId: string, secret: string): void =>
  void fresh.set(endpointId, secret);
export const freshSecret = (endpointId: string): string | null => fresh.get(endpointId) ?? null;
export const forgetSecret = (endpointId: string): void => void fresh.delete(endpointId);
