/** What the API shows, in its own names. Secrets never pass through here. */
import type { Endpoint } from '../domain.ts';
import { maskHeaders } from '../http/mask.ts';
import { KEPT_BYTES } from '../http/response-body.ts';
import type { ListedEvent } from '../store/list-events.ts';
import type { ListedDelivery, LoggedAttempt } from '../store/list-deliveries.ts';
import type { Tenant } from '../store/tenants.ts';

export function tenantView(tenant: Tenant) {
  return {
    id: tenant.id,
    name: tenant.name,
    metadata: tenant.metadata,
    created_at: tenant.createdAt,
    updated_at: tenant.updatedAt,
  };
}

export function endpointView(endpoint: Endpoint) {
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
    signed: endpoint.secret !== null,
    previous_secrets_valid_until: endpoint.previousSecrets.map((previous) => previous.validUntil),
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
    headers: maskHeaders(endpoint.headers),
    auth: authView(endpoint.auth),
    verify_tls: endpoint.verifyTls,
    allowed_ips: endpoint.allowedIps,
    max_in_flight: endpoint.maxInFlight,
    enabled: endpoint.enabled,
    disabled_reason: endpoint.disabledReason,
    metadata: endpoint.metadata,
    created_at: endpoint.createdAt,
    updated_at: endpoint.updatedAt,
  };
}

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
    created_at: event.createdAt,
    ...(event.data === undefined ? {} : { data: JSON.parse(event.data) as unknown }),
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
    status: delivery.status,
    attempt_count: delivery.attemptCount,
    max_attempts: endpoint ? 1 + endpoint.schedule.maxRetries : null,
    next_attempt_at: delivery.nextAttemptAt,
    last_status_code: delivery.lastStatusCode,
    last_error_class: delivery.lastErrorClass,
    workflow_id: delivery.workflowId,
    created_at: delivery.createdAt,
    completed_at: delivery.completedAt,
  };
}

export function attemptView(attempt: LoggedAttempt) {
  return {
    number: attempt.number,
    trigger: attempt.trigger,
    started_at: attempt.startedAt,
    duration_ms: attempt.durationMs,
    status_code: attempt.statusCode,
    error: attempt.errorClass === null ? null : { class: attempt.errorClass, message: attempt.errorMessage },
    retry_after_seconds: attempt.retryAfterSeconds,
    request: { method: attempt.method, url: attempt.url, headers: attempt.requestHeaders },
    response: {
      headers: attempt.responseHeaders,
      body: attempt.responseBody,
      body_bytes: attempt.responseBodyBytes,
      truncated: attempt.responseBodyBytes > KEPT_BYTES,
    },
  };
}
