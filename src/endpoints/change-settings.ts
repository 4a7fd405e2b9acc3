import { isDeepStrictEqual } from 'node:util';
import type { EndpointDetails } from '../domain.ts';
import type { AddressGuard } from '../http/address-guard.ts';
import { Problem } from '../problem.ts';
import type { Profiles } from '../profiles/index.ts';
import { sealedColumns, type EndpointColumns } from '../store/endpoint-row.ts';
import type { Seal } from '../store/seal.ts';
import type { EndpointPatch } from './input.ts';
import { refuseToMoveCredentials } from './move-credentials.ts';
import { checkEndpoint, columnsOf, profileOf, signingKeyFor } from './rules.ts';
import type { TemplateCheck } from './template-check.ts';

export interface SettingsChangeDeps {
  profiles: Profiles;
  guard: AddressGuard;
  templates: TemplateCheck;
  seal: Seal;
}

export interface EndpointAccess {
  /** Throws a Problem where there is no such endpoint. */
  find(): Promise<EndpointDetails>;
  /** Locks the endpoint and writes what `decide` makes of it as it is. What `decide` throws, nothing is written for. */
  write(decide: (current: EndpointDetails) => EndpointColumns): Promise<EndpointDetails>;
}

/** So often another change may come in between. */
const MAX_TRIES = 10;

/** The endpoint is not what the settings were checked with. */
class Overtaken extends Error {}

/**
 * Changes settings. What is decided from those it has is decided with its row locked: two changes at once must not make
 * together what neither may make alone. What takes the network, or a while, is done before, and again if what it was
 * done with has changed.
 */
export async function changeSettings(
  patch: EndpointPatch,
  { find, write }: EndpointAccess,
  { profiles, guard, templates, seal }: SettingsChangeDeps,
): Promise<EndpointDetails> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const seen = await find();
    const { tenantId, id } = seen;
    const wanted = { ...kept(seen, patch), ...patch };
    await checkEndpoint(wanted, profileOf(profiles, seen.profile), { guard, profiles, tenantId });
    if (patch.template)
      await templates.check({ ...seen, events: patch.events ?? seen.events }, patch.template);
    try {
      return await write((current) => {
        if (!isSame(kept(current, patch), kept(seen, patch))) throw new Overtaken();
        if (patch.url !== undefined) refuseToMoveCredentials(current, { ...patch, url: patch.url });
        return {
          ...columnsOf(withoutSame(patch, current), seal, id),
          ...sealedColumns(seal, id, signingKeyFor(patch.signature, current.signingKey)),
          // A delay set for "fixed" has no meaning for another interval.
          ...((patch.retry_interval ?? 'fixed') === 'fixed' ? {} : { retry_delay_seconds: null }),
        };
      });
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
    }
  }
  throw Problem.unavailable('Others change this endpoint all the time: try again.', 1);
}

/** What is kept as it is and must fit what is changed. */
const kept = (endpoint: EndpointDetails, patch: EndpointPatch) => ({
  ...(patch.retry_delay_seconds === undefined
    ? {}
    : { retry_interval: endpoint.retrySettings.retryInterval }),
  ...(patch.url === undefined ? {} : { allowed_ips: endpoint.allowedIps }),
  ...(patch.allowed_ips === undefined ? {} : { url: endpoint.url }),
});

/** Without credentials that it has already: sealed anew, they would look like others. */
function withoutSame(patch: EndpointPatch, current: EndpointDetails): EndpointPatch {
  if (current.unreadable !== null) return patch;
  const { auth, headers, clientCertificate: client_certificate } = current;
  const changed = { ...patch };
  for (const [name, value] of Object.entries({ auth, headers, client_certificate }))
    if (isDeepStrictEqual(patch[name as keyof EndpointPatch], value))
      delete changed[name as keyof EndpointPatch];
  return changed;
}

const isSame = (one: object, other: object): boolean => JSON.stringify(one) === JSON.stringify(other);
