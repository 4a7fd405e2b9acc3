import type { SignatureKind } from '../domain.ts';
import type { AddressGuard } from '../http/address-guard.ts';
import { Problem, type FieldError } from '../problem.ts';
import type { Profile, Profiles } from '../profiles/index.ts';
import { generateSigningKey } from '../signing/ed25519.ts';
import { asWhsec, generateSecret } from '../signing/secret.ts';
import { DEFAULT_PROFILE } from '../profiles/built-in.ts';
import { sealedColumns, type EndpointColumns } from '../store/endpoint-row.ts';
import type { Seal } from '../store/seal.ts';
import { reservedMessage, type EndpointSettings } from './input.ts';

export function profileOf(profiles: Profiles, name = DEFAULT_PROFILE): Profile {
  const profile = profiles.get(name);
  if (profile) return profile;
  throw Problem.field('profile', `"${name}" is not a profile; there are: ${profiles.names().join(', ')}`);
}

/** The rules that need the profile or the network. Throws a Problem naming every field that breaks one. */
export async function checkEndpoint(
  settings: Partial<EndpointSettings>,
  profile: Profile,
  { guard, profiles, tenantId }: { guard: AddressGuard; profiles: Profiles; tenantId: string },
): Promise<void> {
  const errors: FieldError[] = [];
  const { url, method, secret, signature, retry_interval: interval, retry_delay_seconds: delay } = settings;
  if (url !== undefined) {
    const problem = await guard.resolveProblem(url, settings.allowed_ips, tenantId);
    if (problem) errors.push({ path: 'url', message: problem });
  }
  for (const name of Object.keys(settings.headers ?? {})) {
    if (profiles.headerNames().has(name.toLowerCase()))
      errors.push({ path: `headers.${name}`, message: reservedMessage(name) });
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
  if (signature !== undefined && signature !== 'hmac' && profile.signature.scheme !== 'standard') {
    errors.push({
      path: 'signature',
      message: `profile "${profile.name}" has a header for HMAC only: Ed25519 is for profiles of the standard scheme`,
    });
  }
  if (settings.verify_tls === false && !guard.permitsUnverifiedTls) {
    errors.push({
      path: 'verify_tls',
      message:
        'this deployment delivers to verified servers only: give "ca" for an authority of your own ' +
        '(the operator can set POSTHORN_ALLOW_UNVERIFIED_TLS)',
    });
  }
  if (delay !== undefined && delay !== null && interval !== 'fixed') {
    errors.push({ path: 'retry_delay_seconds', message: 'goes with retry_interval "fixed"' });
  }
  if (errors.length > 0) throw Problem.invalid(errors);
}

/** The secret a new endpoint gets: the caller's, none where that was asked for and is allowed, or a generated one. */
export function secretFor({ secret }: Pick<EndpointSettings, 'secret'>, profile: Profile): string | null {
  return secret === null ? null : newSecret(secret, profile);
}

/** The caller's, in the form that receivers of this profile can use; else a generated one. */
export function newSecret(given: string | undefined, profile: Profile): string {
  if (given === undefined) return generateSecret(profile.secretFormat);
  // The libraries standardwebhooks and svix take nothing but base64. It stands for the same key as the text does.
  return profile.signature.scheme === 'standard' ? asWhsec(given) : given;
}

/** A key for Ed25519, where such signatures are asked for and there is none yet. */
export const signingKeyFor = (signature: SignatureKind | undefined, present: string | null) =>
  present === null && signature !== undefined && signature !== 'hmac'
    ? { signingKey: generateSigningKey() }
    : {};

const PLAIN_COLUMNS = [
  'url',
  'name',
  'events',
  'environments',
  'method',
  'signature',
  'timeout_seconds',
  'max_retries',
  'retry_interval',
  'retry_delay_seconds',
  'retry_schedule_seconds',
  'notify_on_failure',
  'notify_emails',
  'disable_after_days',
  'probe',
  'verify_tls',
  'ca',
  'allowed_ips',
  'max_in_flight',
  'ordering',
] as const;

/** The columns for what a request set; what it left out is not among them. */
export function columnsOf(
  settings: Partial<EndpointSettings>,
  seal: Seal,
  endpointId: string,
): EndpointColumns {
  const columns: EndpointColumns = {};
  for (const name of PLAIN_COLUMNS) if (settings[name] !== undefined) columns[name] = settings[name];
  if (settings.template !== undefined)
    columns.template = settings.template === null ? null : JSON.stringify(settings.template);
  if (settings.rate_limit !== undefined) {
    columns.rate_per_second = settings.rate_limit?.per_second ?? null;
    columns.rate_burst = settings.rate_limit?.burst ?? null;
  }
  if (settings.metadata !== undefined) columns.metadata = JSON.stringify(settings.metadata);
  if (settings.enabled !== undefined) {
    columns.enabled = settings.enabled;
    columns.disabled_reason = settings.enabled ? null : 'manual';
    if (!settings.enabled) columns.release = null;
  }
  // What it asked for counts no more.
  if (settings.url !== undefined || settings.enabled === true) columns.slowed_until = null;
  return {
    ...columns,
    ...sealedColumns(seal, endpointId, {
      auth: settings.auth,
      headers: settings.headers,
      clientCertificate: settings.client_certificate,
    }),
  };
}
