import type { Endpoint, EndpointAuth, Environment, HttpMethod } from '../domain.ts';
import type { Profiles } from '../profiles/index.ts';
import { effectiveSchedule } from '../schedule.ts';
import type { Seal } from './seal.ts';

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
  previous_secrets: { secret: string; valid_until: string }[];
  auth: string | null;
  headers: string;
  timeout_seconds: number | null;
  max_retries: number | null;
  retry_interval: 'exponential' | 'fixed' | null;
  retry_delay_seconds: number | null;
  retry_schedule_seconds: number[] | null;
  notify_on_failure: boolean;
  notify_emails: string[];
  verify_tls: boolean;
  allowed_ips: string[];
  max_in_flight: number | null;
  enabled: boolean;
  disabled_reason: string | null;
  metadata: Record<string, string>;
  created_at: Date;
  updated_at: Date;
}

/** Opens what is sealed and fills in the profile's defaults. Throws when the profile is not configured here. */
export function endpointFromRow(row: EndpointRow, seal: Seal, profiles: Profiles): Endpoint {
  const profile = profiles.get(row.profile);
  if (!profile) {
    throw new Error(
      `Endpoint ${row.id} uses the profile "${row.profile}", which this process does not know: ` +
        'is POSTHORN_PROFILES_FILE set as it was when the endpoint was made?',
    );
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
    secret: row.secret === null ? null : seal.open(row.secret),
    previousSecrets: row.previous_secrets.map((previous) => ({
      secret: seal.open(previous.secret),
      validUntil: new Date(previous.valid_until),
    })),
    timeoutSeconds: row.timeout_seconds ?? profile.timeoutSeconds,
    retrySettings: settings,
    schedule: effectiveSchedule(settings, profile.schedule, profile.exponentialSeconds),
    notifyOnFailure: row.notify_on_failure,
    notifyEmails: row.notify_emails,
    headers: JSON.parse(seal.open(row.headers)) as Record<string, string>,
    auth: row.auth === null ? null : (JSON.parse(seal.open(row.auth)) as EndpointAuth),
    verifyTls: row.verify_tls,
    allowedIps: row.allowed_ips,
    maxInFlight: row.max_in_flight,
    enabled: row.enabled,
    disabledReason: row.disabled_reason,
    metadata: row.metadata,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
