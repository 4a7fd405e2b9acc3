/** What the API shows, in its own names. Secrets never pass through here. */
import type { ApiKey } from '../store/api-keys.ts';
import { publicKeyOf } from '../signing/ed25519.ts';
import { isSigningKey } from '../signing/key-text.ts';
import type { Endpoint, EndpointDetails } from '../domain.ts';
import { parseJson } from '../json.ts';
import { certificateFacts } from '../http/tls-identity.ts';
import { maskHeaders } from '../http/mask.ts';
import { KEPT_BYTES } from '../http/response-body.ts';
import type { ListedEvent } from '../store/list-events.ts';
import type { ListedAttempt, LoggedAttempt } from '../store/list-attempts.ts';
import type { ListedDelivery } from '../store/list-deliveries.ts';
import type { EndpointAttempt } from '../store/list-endpoint-attempts.ts';
import type { Held } from '../store/releases.ts';
import type { Tenant } from '../store/tenants.ts';

export function tenantView(tenant: Tenant) {
  return {
    id: tenant.id,
    name: tenant.name,
    metadata: tenant.metadata,
    notify_emails: tenant.notifyEmails,
    created_at: tenant.createdAt,
    updated_at: tenant.updatedAt,
    deleting_since: tenant.deletingSince,
  };
}

export function keyView(key: ApiKey) {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: key.scopes,
    tenant_id: key.tenantId,
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    revoked_at: key.revokedAt,
    last_used_at: key.lastUsedAt,
  };
}

/** `held`: of one that may hold something. */
export function endpointView(endpoint: EndpointDetails, held?: Held) {
  const { schedule, retrySettings } = endpoint;
  const delays = schedule.delaysSeconds;
  return {
    id: endpoint.id,
    tenant_id: endpoint.tenantId,
    url: endpoint.url,
    name: endpoint.name,
    profile: endpoint.profile,
    events: endpoint.events,
    environments: endpoint.environments,
    method: endpoint.method,
    signed: endpoint.secret !== null || endpoint.signature === 'ed25519',
    signature: endpoint.signature,
    public_key: endpoint.signingKey === null ? null : publicKeyOf(endpoint.signingKey),
    previous_secrets_valid_until: endpoint.previousSecrets
      .filter(({ secret }) => !isSigningKey(secret))
      .map((previous) => previous.validUntil),
    timeout_seconds: endpoint.timeoutSeconds,
    max_retries: schedule.maxRetries,
    retry_interval: retrySettings.retryInterval ?? 'exponential',
    retry_delay_seconds: retrySettings.retryInterval === 'fixed' ? delays[0] : null,
    /** Seconds before each retry, as they will be used. */
    retry_schedule_seconds: Array.from(
      { length: schedule.maxRetries },
      (_, i) => delays[Math.min(i, delays.length - 1)],
    ),
    notify_on_failure: endpoint.notifyOnFailure,
    notify_emails: endpoint.notifyEmails,
    disable_after_days: endpoint.disableAfterDays,
    probe: endpoint.probe,
    headers: maskHeaders(endpoint.headers),
    auth: authView(endpoint.auth),
    verify_tls: endpoint.verifyTls,
    ca: endpoint.ca,
    client_certificate: endpoint.clientCertificate && certificateFacts(endpoint.clientCertificate),
    allowed_ips: endpoint.allowedIps,
    max_in_flight: endpoint.maxInFlight,
    template: endpoint.template,
    ordering: endpoint.ordering,
    rate_limit: endpoint.rateLimit && {
      per_second: endpoint.rateLimit.perSecond,
      burst: endpoint.rateLimit.burst,
    },
    slowed_until: slowedUntilView(endpoint),
    enabled: endpoint.enabled,
    disabled_reason: endpoint.disabledReason,
    failing_since: endpoint.failingSince,
    held: heldView(held),
    ...(endpoint.unreadable === null ? {} : { unreadable: endpoint.unreadable }),
    metadata: endpoint.metadata,
    created_at: endpoint.createdAt,
    updated_at: endpoint.updatedAt,
  };
}

function heldView(held: Held | undefined) {
  const { count, isMore, since, release } = held ?? { count: 0, isMore: false, since: null, release: null };
  return {
    count,
    is_more: isMore,
    since,
    release: release && {
      kind: release.kind,
      per_second: release.perSecond,
      released: release.released,
      started_at: release.startedAt,
    },
  };
}
const slowedUntilView = ({ slowedUntil }: Endpoint): Date | null =>
  slowedUntil && slowedUntil.getTime() > Date.now() ? slowedUntil : null;

function authView(auth: Endpoint['auth']) {
  if (!auth) return null;
  return auth.type === 'basic' ? { type: auth.type, username: auth.username } : { type: auth.type };
}

export function eventView(event: ListedEvent) {
  return {
    id: event.id,
    type: event.type,
    environment: event.environment,
    timestamp: event.timestamp,
    ordering_key: event.orderingKey,
    created_at: event.createdAt,
    ...(event.data === undefined ? {} : { data: event.data === null ? null : parseJson(event.data) }),
    ...(event.deliveryIds === undefined ? {} : { delivery_ids: event.deliveryIds }),
  };
}

/** `endpoint` is null when it was deleted since. */
export function deliveryView(delivery: ListedDelivery, endpoint: Endpoint | null) {
  return {
    id: delivery.id,
    event_id: delivery.eventId,
    event_type: delivery.eventType,
    endpoint_id: delivery.endpointId,
    environment: delivery.environment,
    trigger: delivery.trigger,
    test: delivery.trigger === 'test',
    replay_id: delivery.replayId,
    status: delivery.status,
    attempt_count: delivery.attemptCount,
    max_attempts: endpoint ? 1 + endpoint.schedule.maxRetries : null,
    next_attempt_at: delivery.nextAttemptAt,
    last_status_code: delivery.lastStatusCode,
    last_error_class: delivery.lastErrorClass,
    workflow_id: delivery.workflowId,
    ordered: delivery.laneKey !== null,
    ordering_key: delivery.laneKey || null,
    created_at: delivery.createdAt,
    completed_at: delivery.completedAt,
  };
}

type AttemptCore = Omit<ListedAttempt, 'deliveryId' | 'excerpt'>;

const attemptCore = (attempt: AttemptCore) => ({
  number: attempt.number,
  trigger: attempt.trigger,
  started_at: attempt.startedAt,
  duration_ms: attempt.durationMs,
  timing: {
    dns_ms: attempt.dnsMs,
    connect_ms: attempt.connectMs,
    tls_ms: attempt.tlsMs,
    first_byte_ms: attempt.firstByteMs,
    total_ms: attempt.durationMs,
  },
  status_code: attempt.statusCode,
  error: attempt.errorClass === null ? null : { class: attempt.errorClass, message: attempt.errorMessage },
  remark: attempt.remark,
  retry_after_seconds: attempt.retryAfterSeconds,
});

export function attemptView(attempt: LoggedAttempt) {
  return {
    ...attemptCore(attempt),
    request: { method: attempt.method, url: attempt.url, headers: attempt.requestHeaders },
    response: {
      headers: attempt.responseHeaders,
      body: attempt.responseBody,
      body_bytes: attempt.responseBodyBytes,
      truncated: attempt.responseBodyBytes > KEPT_BYTES || attempt.isCut === true,
    },
  };
}

/** In a list: with the beginning of the answer alone. */
export const lastAttemptView = (attempt: ListedAttempt) => ({
  ...attemptCore(attempt),
  excerpt: attempt.excerpt,
});

export const listedAttemptView = (attempt: EndpointAttempt, endpointId: string) => ({
  delivery_id: attempt.deliveryId,
  endpoint_id: endpointId,
  event_id: attempt.eventId,
  event_type: attempt.eventType,
  ...lastAttemptView(attempt),
});
