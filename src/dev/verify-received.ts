import type { Profiles } from '../profiles/index.ts';
import { verifyWebhook } from '../sdk/verify/index.ts';
import type { EndpointStore } from '../store/endpoints.ts';
import type { ReceivedRequest } from './receiver.ts';

/**
 * Verifies what the development receiver got, as a customer would: with the secrets of the endpoints that point to
 * it. A customer has one secret; here, which endpoint it was is found by trying.
 */
export function createReceivedVerifier(store: EndpointStore, profiles: Profiles, receiverUrl: () => string) {
  return async (request: ReceivedRequest): Promise<{ ok: boolean; detail: string }> => {
    const endpoints = await store.listByUrl(`${receiverUrl()}/`);
    let reason = 'no endpoint points here';
    for (const endpoint of endpoints) {
      if (endpoint.unreadable !== null) {
        reason = `${endpoint.id}: ${endpoint.unreadable}`;
        continue;
      }
      const profile = profiles.get(endpoint.profile)!;
      if (endpoint.secret === null) {
        if (profile.headers.signature.toLowerCase() in request.headers) continue;
        return { ok: true, detail: `unsigned (${profile.name}, no secret)` };
      }
      try {
        const secret = [endpoint.secret, ...endpoint.previousSecrets.map((previous) => previous.secret)];
        await verifyWebhook({ profile, secret, headers: request.headers, body: request.body });
        return { ok: true, detail: `signature verified (${profile.name})` };
      } catch (error) {
        reason = (error as Error).message;
      }
    }
    return { ok: false, detail: reason };
  };
}
