import type { EndpointDetails } from '../domain.ts';
import { newId } from '../ids.ts';
import { Problem } from '../problem.ts';
import { sealedColumns } from '../store/endpoint-row.ts';
import type { EndpointChangesDeps } from './changes.ts';
import { compareOrigin, defaultsOf, originOf, requestHash } from './idempotency.ts';
import type { EndpointSettings } from './input.ts';
import { checkEndpoint, columnsOf, profileOf, secretFor, signingKeyFor } from './rules.ts';

export interface MadeEndpoint {
  endpoint: EndpointDetails;
  /** Told here only. Null: deliveries are not signed. undefined: it was told once, and has been replaced since. */
  secret: string | null | undefined;
  /** False: the endpoint was there already. */
  created: boolean;
}

/** The key that a request came with, and what the request meant. */
interface Idempotency {
  key: string;
  hash: string;
}

export function createEndpointMaker(deps: EndpointChangesDeps) {
  const { store, cache, tenants, profiles, guard, templates, seal } = deps;

  /** Null when another request with that key was quicker. */
  async function make(
    tenantId: string,
    settings: EndpointSettings,
    idempotency: Idempotency | null,
  ): Promise<MadeEndpoint | null> {
    const profile = profileOf(profiles, settings.profile);
    await checkEndpoint(settings, profile, { guard, profiles, tenantId });
    const { template, events, environments } = { ...defaultsOf(profile), ...settings };
    if (template) await templates.check({ tenantId, profile: profile.name, events, environments }, template);
    await tenants.ensure(tenantId);
    const secret = secretFor(settings, profile);
    const id = newId('ep');
    const origin = idempotency ? originOf(idempotency.hash, secret) : undefined;
    const endpoint = await store.insert(tenantId, id, {
      profile: profile.name,
      ...columnsOf({ ...defaultsOf(profile), ...settings }, seal, id),
      ...sealedColumns(seal, id, { secret, origin, ...signingKeyFor(settings.signature, null) }),
      idempotency_key: idempotency?.key,
    });
    cache.drop(tenantId, id);
    return endpoint && { endpoint, secret, created: true };
  }

  async function findMade(tenantId: string, { key, hash }: Idempotency): Promise<MadeEndpoint | null> {
    const made = await store.findMade(tenantId, key);
    if (!made) return null;
    const { endpoint, origin } = made;
    if (origin === null) return { endpoint, secret: undefined, created: false };
    const { isRepeat, hasFirstSecret } = compareOrigin(origin, hash, endpoint.secret);
    if (!isRepeat) throw Problem.reusedKey(key, `endpoint ${endpoint.id}`);
    return { endpoint, secret: hasFirstSecret ? endpoint.secret : undefined, created: false };
  }

  return async (
    tenantId: string,
    settings: EndpointSettings,
    idempotencyKey: string | null,
  ): Promise<MadeEndpoint> => {
    if (idempotencyKey === null) return (await make(tenantId, settings, null))!;
    const profile = profileOf(profiles, settings.profile);
    const idempotency = { key: idempotencyKey, hash: requestHash(settings, profile) };
    const made =
      (await findMade(tenantId, idempotency)) ??
      (await make(tenantId, settings, idempotency)) ??
      (await findMade(tenantId, idempotency));
    if (made) return made;
    throw Problem.unavailable('The endpoint of that key has just been deleted; try again.', 1);
  };
}
