import type {
  ClientCertificate,
  Endpoint,
  EndpointAuth,
  EndpointDetails,
  Environment,
  HttpMethod,
  Ordering,
  PreviousSecret,
  SignatureKind,
} from '../domain.ts';
import type { Template } from '../templates/template.ts';
import type { Profiles } from '../profiles/index.ts';
import { DEFAULT_PROFILE } from '../profiles/built-in.ts';
import type { RateLimit } from '../rate-limit.ts';
import { effectiveSchedule } from '../schedule.ts';
import { UnsealError, type Seal } from './seal.ts';

/** Later than before by what a Date can tell: whoever says when it was changed last says which it was. */
export const TOUCHED = `updated_at = greatest(clock_timestamp(), updated_at + interval '1 millisecond')`;

/** Columns of `endpoints` as node-postgres gives them. */
export interface EndpointRow {
  id: string;
  tenant_id: string;
  url: string;
  name: string | null;
  profile: string;
  events: string[];
  environments: Environment[];
  method: HttpMethod;
  secret: string | null;
  previous_secrets: { secret: string; valid_until: string; signs_first?: boolean }[];
  signature: SignatureKind;
  signing_key: string | null;
  auth: string | null;
  headers: string;
  origin: string | null;
  timeout_seconds: number | null;
  max_retries: number | null;
  retry_interval: 'exponential' | 'fixed' | null;
  retry_delay_seconds: number | null;
  retry_schedule_seconds: number[] | null;
  notify_on_failure: boolean;
  notify_emails: string[];
  verify_tls: boolean;
  ca: string | null;
  client_certificate: string | null;
  allowed_ips: string[];
  max_in_flight: number | null;
  disable_after_days: number | null;
  probe: boolean;
  /** Where it was asked for (failing-endpoints.ts). */
  failing_since?: Date | null;
  template: string | null;
  ordering: Ordering;
  rate_per_second: number | null;
  rate_burst: number | null;
  slowed_until: Date | null;
  /** Postgres' time, where it was asked for. */
  read_at?: Date;
  enabled: boolean;
  disabled_reason: string | null;
  release: 'deliver' | 'discard' | null;
  metadata: Record<string, string>;
  created_at: Date;
  updated_at: Date;
}

/** Column → value; only the columns named are written. Values are as stored. */
export type EndpointColumns = Record<string, unknown>;

/** The columns that hold something sealed. */
export const SEALED_COLUMNS = [
  'secret',
  'previous_secrets',
  'signing_key',
  'client_certificate',
  'auth',
  'headers',
  'origin',
] as const;
export type SealedColumn = (typeof SEALED_COLUMNS)[number];

/** What a value is sealed for (see {@link Seal}). */
export const placeOf = (endpointId: string, column: SealedColumn) => `${endpointId}/${column}`;

/**
 * Opens what is sealed and fills in the profile's defaults. What cannot be read here (another key, a profile that is not
 * configured) is left out and said in `unreadable`: one such row must not take its tenant's other endpoints along.
 */
export function endpointFromRow(row: EndpointRow, seal: Seal, profiles: Profiles): Endpoint {
  const problems: string[] = [];
  const known = profiles.get(row.profile);
  if (!known) {
    problems.push(
      `its profile "${row.profile}" is not known here: is POSTHORN_PROFILES_FILE as it was when the endpoint was made?`,
    );
  }
  const profile = known ?? profiles.get(DEFAULT_PROFILE)!;
  function open<T>(column: SealedColumn, stored: string, otherwise: T, read: (plain: string) => T): T {
    try {
      return read(seal.open(stored, placeOf(row.id, column)));
    } catch (error) {
      if (!(error instanceof UnsealError)) throw error;
      problems.push(`its ${column} cannot be read: ${error.message}`);
      return otherwise;
    }
  }
  const settings = {
    maxRetries: row.max_retries,
    retryInterval: row.retry_interval,
    retryDelaySeconds: row.retry_delay_seconds,
    retryScheduleSeconds: row.retry_schedule_seconds,
  };
  return {
    id: row.id,
    tenantId: row.tenant_id,
    url: row.url,
    name: row.name,
    profile: row.profile,
    events: row.events,
    environments: row.environments,
    method: row.method,
    secret: row.secret === null ? null : open<string | null>('secret', row.secret, null, String),
    previousSecrets: row.previous_secrets.flatMap(
      ({ secret, valid_until, signs_first: signsFirst = false }) =>
        open<PreviousSecret[]>('previous_secrets', secret, [], (plain) => [
          { secret: plain, validUntil: new Date(valid_until), signsFirst },
        ]),
    ),
    signature: row.signature,
    signingKey:
      row.signing_key === null ? null : open<string | null>('signing_key', row.signing_key, null, String),
    timeoutSeconds: row.timeout_seconds ?? profile.timeoutSeconds,
    retrySettings: settings,
    schedule: effectiveSchedule(settings, profile.schedule, profile.exponentialSeconds),
    notifyOnFailure: row.notify_on_failure,
    headers: open('headers', row.headers, {}, (plain) => JSON.parse(plain) as Record<string, string>),
    auth:
      row.auth === null
        ? null
        : open<EndpointAuth | null>('auth', row.auth, null, (plain) => JSON.parse(plain) as EndpointAuth),
    verifyTls: row.verify_tls,
    ca: row.ca,
    clientCertificate:
      row.client_certificate === null
        ? null
        : open<ClientCertificate | null>(
            'client_certificate',
            row.client_certificate,
            null,
            (plain) => JSON.parse(plain) as ClientCertificate,
          ),
    allowedIps: row.allowed_ips,
    maxInFlight: row.max_in_flight,
    template: row.template === null ? null : (JSON.parse(row.template) as Template),
    ordering: row.ordering,
    rateLimit: rateLimitOf(row),
    slowedUntil: slowedUntilOf(row),
    enabled: row.enabled,
    disabledReason: row.disabled_reason,
    release: row.release,
    unreadable: problems.length > 0 ? problems.join('; ') : null,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function rateLimitOf({ rate_per_second: perSecond, rate_burst: burst }: EndpointRow): RateLimit | null {
  return perSecond === null || burst === null ? null : { perSecond, burst };
}

/** As far off as it is for Postgres, whose clock may be another. */
function slowedUntilOf({ slowed_until: until, read_at: readAt }: EndpointRow): Date | null {
  if (until === null || readAt === undefined) return until;
  return new Date(Date.now() + until.getTime() - readAt.getTime());
}

export function detailsFromRow(row: EndpointRow, seal: Seal, profiles: Profiles): EndpointDetails {
  const endpoint = endpointFromRow(row, seal, profiles);
  return {
    ...endpoint,
    notifyEmails: row.notify_emails,
    disableAfterDays: row.disable_after_days,
    probe: row.probe,
    failingSince: row.failing_since ?? null,
    metadata: row.metadata,
  };
}

export function originFromRow({ id, origin }: EndpointRow, seal: Seal): string | null {
  try {
    return origin && seal.open(origin, placeOf(id, 'origin'));
  } catch (error) {
    if (error instanceof UnsealError) return null;
    throw error;
  }
}

/** How the parts of an endpoint that need sealing or encoding are stored. */
export function sealedColumns(
  seal: Seal,
  endpointId: string,
  parts: {
    secret?: string | null;
    previousSecrets?: PreviousSecret[];
    signingKey?: string;
    clientCertificate?: ClientCertificate | null;
    auth?: EndpointAuth | null;
    headers?: Record<string, string>;
    origin?: string;
  },
): EndpointColumns {
  const close = (column: SealedColumn, plain: string) => seal.close(plain, placeOf(endpointId, column));
  const columns: EndpointColumns = {};
  const { secret, previousSecrets, signingKey, clientCertificate, auth, headers, origin } = parts;
  if (secret !== undefined) columns.secret = secret === null ? null : close('secret', secret);
  if (previousSecrets !== undefined) {
    columns.previous_secrets = JSON.stringify(
      previousSecrets.map((previous) => ({
        secret: close('previous_secrets', previous.secret),
        valid_until: previous.validUntil,
        ...(previous.signsFirst ? { signs_first: true } : {}),
      })),
    );
  }
  if (signingKey !== undefined) columns.signing_key = close('signing_key', signingKey);
  if (clientCertificate !== undefined)
    columns.client_certificate =
      clientCertificate === null ? null : close('client_certificate', JSON.stringify(clientCertificate));
  if (auth !== undefined) columns.auth = auth === null ? null : close('auth', JSON.stringify(auth));
  if (headers !== undefined) columns.headers = close('headers', JSON.stringify(headers));
  if (origin !== undefined) columns.origin = close('origin', origin);
  return columns;
}
