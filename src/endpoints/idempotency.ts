import { createHash } from 'node:crypto';
import type { Profile } from '../profiles/profile.ts';
import type { EndpointSettings } from './input.ts';
import { newSecret } from './rules.ts';

/** What an endpoint has where its request says nothing. */
export function defaultsOf(profile: Profile) {
  return {
    profile: profile.name,
    events: ['*'],
    environments: ['production'],
    method: profile.methods[0],
    headers: {},
  } satisfies Partial<EndpointSettings>;
}

/** A hash of what a request meant: defaults that are said or left out make no difference, nor does the order of fields. */
export function requestHash(settings: EndpointSettings, profile: Profile): string {
  const { secret } = settings;
  const meant: Required<Omit<EndpointSettings, 'secret'>> & { secret: string | null } = {
    ...{ name: null, auth: null, timeout_seconds: null, max_retries: null, max_in_flight: null },
    rate_limit: null,
    ...{ retry_interval: null, retry_delay_seconds: null, retry_schedule_seconds: null },
    ...{ notify_on_failure: true, notify_emails: [], verify_tls: true, allowed_ips: [], enabled: true },
    ...{ signature: 'hmac', ca: null, client_certificate: null },
    ...{ disable_after_days: 5, probe: false, ordering: 'none' },
    metadata: {},
    template: null,
    ...defaultsOf(profile),
    ...settings,
    secret: secret === undefined ? 'generated' : secret && newSecret(secret, profile),
  };
  return hash(JSON.stringify(meant, inOrder));
}

/**
 * What is kept of the request that made an endpoint: enough to know its repeat, and whether the secret that it was
 * answered with is still the current one.
 */
export const originOf = (request: string, secret: string | null): string =>
  `${request} ${hash(secret ?? '')}`;

export function compareOrigin(origin: string, request: string, secret: string | null) {
  const [ofRequest, ofSecret] = origin.split(' ');
  return { isRepeat: ofRequest === request, hasFirstSecret: ofSecret === hash(secret ?? '') };
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** For JSON.stringify: an object's members in the order of their names. */
function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
