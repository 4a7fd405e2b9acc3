export interface FreshSecret {
  secret: string;
  /** The rotation that made it; null: it was made with the webhook; undefined: that is not known yet. */
  madeBy: string | null | undefined;
}

/** Secrets that were made a moment ago, until the page is left: shown once, in no address and no storage. */
const fresh = new Map<string, FreshSecret>();

export const keepFreshSecret = (endpointId: string, made: FreshSecret): void =>
  void fresh.set(endpointId, made);
export const freshSecret = (endpointId: string): FreshSecret | null => fresh.get(endpointId) ?? null;
export const forgetSecret = (endpointId: string): void => void fresh.delete(endpointId);
