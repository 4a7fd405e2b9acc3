import type { Endpoint, EndpointDetails } from '../domain.ts';
import { generateSigningKey, publicKeyOf } from '../signing/ed25519.ts';
import type { AddressGuard } from '../http/address-guard.ts';
import { Problem } from '../problem.ts';
import type { Profiles } from '../profiles/index.ts';
import type { EndpointCache } from '../store/endpoint-cache.ts';
import { sealedColumns, type EndpointColumns } from '../store/endpoint-row.ts';
import type { EndpointStore, HowToEnable } from '../store/endpoints.ts';
import type { Seal } from '../store/seal.ts';
import type { TenantStore } from '../store/tenants.ts';
import { changeSettings, type EndpointAccess } from './change-settings.ts';
import type { AffectedDeliveries } from './affected-deliveries.ts';
import type { EndpointPatch, EndpointSettings } from './input.ts';
import type { TemplateCheck } from './template-check.ts';
import { createEndpointMaker, type MadeEndpoint } from './make-endpoint.ts';
import { newSecret, profileOf } from './rules.ts';

/** Why an endpoint is disabled: somebody wanted it so, it answered 410, or has failed for `disable_after_days`. */
export type DisabledReason = 'manual' | 'gone' | 'failing';

/**
 * All that happens to endpoints, whoever asks for it, with what follows for their deliveries. Throws Problems: 404 where
 * the tenant has no such endpoint, 422 for settings that break a rule.
 */
export interface EndpointChanges {
  /** The same key again makes nothing: it tells what the first request with it made. */
  create(tenantId: string, settings: EndpointSettings, idempotencyKey: string | null): Promise<MadeEndpoint>;
  /** `asOf`: refused, unless it was changed last then; null: whenever that was. */
  change(tenantId: string, id: string, settings: EndpointPatch, asOf: Date | null): Promise<EndpointDetails>;
  /** What it held is delivered, oldest first, at once or at a rate; or is discarded. */
  enable(tenantId: string, id: string, how: HowToEnable): Promise<EndpointDetails>;
  /** What comes, or is due, is held. A release stops where it is. */
  disable(tenantId: string, id: string, reason: DisabledReason): Promise<EndpointDetails>;
  /** It answered 410 when it was as `seen`: disabled, unless it was changed meanwhile. */
  disableGone(seen: Endpoint): Promise<void>;
  /** It has answered a probe: enabled, unless it is disabled for another reason by now. */
  recover(tenantId: string, id: string): Promise<void>;
  /** Cancels what had not ended. */
  remove(tenantId: string, id: string): Promise<void>;
  /** A new secret, and a new signing key where there is one. Those before are valid for the grace period; without one, none is. */
  rotateSecret(
    tenantId: string,
    id: string,
    wanted: Rotation,
  ): Promise<{ secret: string; publicKey: string | null; previousValidUntil: Date | null }>;
  /** The current secret alone is valid from now on. */
  endPreviousSecrets(tenantId: string, id: string): Promise<EndpointDetails>;
}

export interface Rotation {
  secret?: string;
  graceSeconds: number;
  /** Whose signature stands first during grace, for receivers that read only one. */
  primary: 'new' | 'previous';
}

export interface EndpointChangesDeps {
  store: EndpointStore;
  cache: EndpointCache;
  tenants: TenantStore;
  profiles: Profiles;
  guard: AddressGuard;
  templates: TemplateCheck;
  seal: Seal;
  deliveries: AffectedDeliveries;
}

/** Rotations whose secrets and keys are kept. */
const MAX_PREVIOUS = 5;

export function createEndpointChanges(deps: EndpointChangesDeps): EndpointChanges {
  const { store, cache, profiles, seal, deliveries } = deps;

  async function update(
    tenantId: string,
    id: string,
    decide: (current: EndpointDetails) => EndpointColumns,
  ): Promise<EndpointDetails> {
    const endpoint = present(await store.update(tenantId, id, decide), id);
    cache.drop(tenantId, id);
    return endpoint;
  }

  return {
    create: createEndpointMaker(deps),

    async change(tenantId, id, patch, asOf) {
      const access: EndpointAccess = {
        find: async () => unchanged(present(await store.find(tenantId, id), id), asOf),
        write: (decide) => update(tenantId, id, (current) => decide(unchanged(current, asOf))),
      };
      const endpoint = await changeSettings(patch, access, deps);
      if (patch.enabled === true) deliveries.goOn(endpoint);
      return endpoint;
    },

    async enable(tenantId, id, how) {
      const endpoint = present(await store.enable(tenantId, id, how), id);
      cache.drop(tenantId, id);
      deliveries.goOn(endpoint);
      return endpoint;
    },

    disable: (tenantId, id, reason) =>
      update(tenantId, id, () => ({ enabled: false, disabled_reason: reason, release: null })),

    async disableGone(seen) {
      await store.disableUnchanged(seen, 'gone' satisfies DisabledReason);
      cache.drop(seen.tenantId, seen.id);
    },

    async recover(tenantId, id) {
      const endpoint = await store.recover(tenantId, id);
      cache.drop(tenantId, id);
      if (endpoint) deliveries.goOn(endpoint);
    },

    async remove(tenantId, id) {
      const cancelled = await store.remove(tenantId, id);
      if (!cancelled) throw Problem.notFound('endpoint', id);
      cache.drop(tenantId, id);
      deliveries.cancelRest(id, cancelled);
    },

    async rotateSecret(tenantId, id, { secret: given, graceSeconds, primary }) {
      if (primary === 'previous' && graceSeconds === 0)
        throw Problem.field('primary', 'without a grace period, the previous secret signs nothing');
      const validUntil = new Date(Date.now() + graceSeconds * 1000);
      let secret = '';
      let signingKey: string | undefined;
      let isGraceful = false;
      // From the row as it is once it is locked: of two rotations at once, each ends the other's predecessor.
      await update(tenantId, id, (endpoint) => {
        secret = newSecret(given, profileOf(profiles, endpoint.profile));
        if (secret === endpoint.secret)
          throw Problem.field('secret', 'is the current secret: give another, or leave it out');
        if (endpoint.signingKey !== null) signingKey = generateSigningKey();
        const signsFirst = primary === 'previous';
        const replaced = [endpoint.secret, endpoint.signingKey].flatMap((old) =>
          old === null ? [] : { secret: old, validUntil, signsFirst },
        );
        isGraceful = graceSeconds > 0 && replaced.length > 0;
        const stillValid = endpoint.previousSecrets
          .filter((previous) => previous.validUntil > new Date())
          // One of them stays first; of two rotations, the later says which.
          .map((previous) => ({ ...previous, signsFirst: false }));
        // Without grace a secret has leaked, and whoever has it may have those before it, too.
        const previousSecrets = graceSeconds > 0 ? [...replaced, ...stillValid] : [];
        return sealedColumns(seal, id, {
          secret,
          signingKey,
          previousSecrets: previousSecrets.slice(0, MAX_PREVIOUS * replaced.length),
        });
      });
      const publicKey = signingKey === undefined ? null : publicKeyOf(signingKey);
      return { secret, publicKey, previousValidUntil: isGraceful ? validUntil : null };
    },

    endPreviousSecrets: (tenantId, id) =>
      update(tenantId, id, () => sealedColumns(seal, id, { previousSecrets: [] })),
  };
}

/** What two people change at once, the second one changes knowingly, or not at all. */
function unchanged(endpoint: EndpointDetails, asOf: Date | null): EndpointDetails {
  const { updatedAt } = endpoint;
  if (asOf === null || asOf.getTime() === updatedAt.getTime()) return endpoint;
  throw new Problem(
    'changed_meanwhile',
    `The endpoint was changed at ${updatedAt.toISOString()}: read it again, and change what is still to be changed.`,
  );
}

function present(endpoint: EndpointDetails | null, id: string): EndpointDetails {
  if (!endpoint) throw Problem.notFound('endpoint', id);
  return endpoint;
}
