import type { AddressGuard } from '../http/address-guard.ts';
import { Problem, type FieldError } from '../problem.ts';
import type { Profile, Profiles } from '../profiles/index.ts';
import { generateSecret } from '../signing/secret.ts';
import { sealedColumns, type EndpointColumns } from '../store/endpoints.ts';
import type { Seal } from '../store/seal.ts';
import type { EndpointSettings } from './endpoint-input.ts';

const DEFAULT_PROFILE = 'standard';

export function profileOf(profiles: Profiles, name = DEFAULT_PROFILE): Profile {
  const profile = profiles.get(name);
  if (profile) return profile;
  throw Problem.field('profile', `"${name}" is not a profile; there are: ${profiles.names().join(', ')}`);
}

/** The rules that need the profile or the network. Throws a Problem naming every field that breaks one. */
export async function checkEndpoint(
  settings: Partial<EndpointSettings>,
  profile: Profile,
  guard: AddressGuard,
): Promise<void> {
  const errors: FieldError[] = [];
  const { url, method, secret, retry_interval: interval, retry_delay_seconds: delay } = settings;
  if (url !== undefined) {
    const problem = await guard.resolveProblem(url, settings.allowed_ips);
    if (problem) errors.push({ path: 'url', message: problem });
  }
  if (method !== undefined && !profile.methods.includes(method)) {
    errors.push({
      path: 'method',
      message: `profile "${profile.name}" allows ${profile.methods.join(' or ')} only`,
    });
  }
  if (secret === null && !profile.secretOptional) {
    errors.push({
      path: 'secret',
      message: `profile "${profile.name}" signs every delivery: leave it out to have one generated`,
    });
  }
  if (delay !== undefined && delay !== null && interval !== 'fixed') {
    errors.push({ path: 'retry_delay_seconds', message: 'goes with retry_interval "fixed"' });
  }
  if (errors.length > 0) throw Problem.invalid(errors);
}

/** The secret a new endpoint gets: the caller's, none where that was asked for and is allowed, or a generated one. */
export function secretFor(settings: EndpointSettings, profile: Profile): string | null {
  return settings.secret === undefined ? generateSecret(profile.secretFormat) : settings.secret;
}

const PLAIN_COLUMNS = [
  'url',
  'name',
  'events',
  'environments',
  'method',
  'timeout_seconds',
  'max_retries',
  'retry_interval',
  'retry_delay_seconds',
  'retry_schedule_seconds',
  'notify_on_failure',
  'notify_emails',
  'verify_tls',
  'allowed_ips',
  'max_in_flight',
] as const;

/** The columns for what a request set; what it left out is not among them. */
export function columnsOf(settings: Partial<EndpointSettings>, seal: Seal): EndpointColumns {
  const columns: EndpointColumns = {};
  for (const name of PLAIN_COLUMNS) if (settings[name] !== undefined) columns[name] = settings[name];
  if (settings.metadata !== undefined) columns.metadata = JSON.stringify(settings.metadata);
  if (settings.enabled !== undefined) {
    columns.enabled = settings.enabled;
    columns.disabled_reason = settings.enabled ? null : 'manual';
  }
  return { ...columns, ...sealedColumns(seal, { auth: settings.auth, headers: settings.headers }) };
}
