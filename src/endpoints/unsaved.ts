import type { Endpoint } from '../domain.ts';
import { newId } from '../ids.ts';
import { endpointFromRow, sealedColumns, type EndpointRow } from '../store/endpoint-row.ts';
import { Problem } from '../problem.ts';
import type { EndpointChangesDeps } from './changes.ts';
import { defaultsOf } from './idempotency.ts';
import type { EndpointSettings } from './input.ts';
import { checkEndpoint, columnsOf, profileOf, secretFor, signingKeyFor } from './rules.ts';

/** What a request says, or defaultsOf, or the moment. */
type Said =
  | 'id'
  | 'tenant_id'
  | 'url'
  | 'profile'
  | 'events'
  | 'environments'
  | 'method'
  | 'headers'
  | 'enabled'
  | 'created_at'
  | 'updated_at';

/** What the table fills in where a request says nothing. */
const UNSAID: Omit<EndpointRow, Said> = {
  ...{ name: null, auth: null, secret: null, signing_key: null, previous_secrets: [], origin: null },
  ...{ timeout_seconds: null, max_retries: null, retry_interval: null, retry_delay_seconds: null },
  ...{ retry_schedule_seconds: null, notify_on_failure: true, notify_emails: [], verify_tls: true },
  ...{ ca: null, client_certificate: null, disable_after_days: null, probe: false },
  ...{ template: null, ordering: 'none', release: null },
  ...{ rate_per_second: null, rate_burst: null, slowed_until: null },
  ...{ signature: 'hmac', allowed_ips: [], max_in_flight: null, disabled_reason: null, metadata: {} },
};

/**
 * The endpoint that these settings would make, stored nowhere. Throws the Problems that making it would. Its name is not
 * looked up: whoever connects does that, with the same rules.
 */
export async function unsavedEndpoint(
  deps: Pick<EndpointChangesDeps, 'profiles' | 'guard' | 'seal'>,
  tenantId: string,
  settings: EndpointSettings,
): Promise<Endpoint> {
  const { profiles, guard, seal } = deps;
  const profile = profileOf(profiles, settings.profile);
  const { url, ...rest } = settings;
  const problem = guard.urlProblem(url);
  if (problem) throw Problem.field('url', problem);
  await checkEndpoint(rest, profile, { guard, profiles, tenantId });
  const id = newId('ep');
  const secret = secretFor(settings, profile);
  const now = new Date();
  const row = {
    ...{ id, tenant_id: tenantId, profile: profile.name, created_at: now, updated_at: now },
    ...UNSAID,
    ...columnsOf({ ...defaultsOf(profile), ...settings }, seal, id),
    ...sealedColumns(seal, id, { secret, ...signingKeyFor(settings.signature, null) }),
    enabled: true,
  } as unknown as EndpointRow;
  return endpointFromRow(row, seal, profiles);
}
