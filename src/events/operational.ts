/** What Posthorn publishes about itself, as events of a tenant that is reserved for it. Pure. */
import type { CatalogueEntry } from '../profiles/index.ts';

/** Only Posthorn itself publishes there. */
export const OPERATIONS_TENANT = 'posthorn';

const ENDPOINT = {
  tenant_id: 'acme',
  endpoint_id: 'ep_01a1fe079e207f2e8a3f0c1d2b3a4f5e',
  url_host: 'hooks.example.com',
};
const LAST_ERROR = { class: 'http', message: 'HTTP 503' };
const SINCE = '2026-11-21T12:00:00+00:00';

export const OPERATIONAL_TYPES: readonly CatalogueEntry[] = [
  {
    type: 'delivery.exhausted',
    description: 'A delivery has used up its schedule, or was answered 410.',
    example: {
      ...ENDPOINT,
      delivery_id: 'dlv_01a1fe07b1c27d3a9e4f5a6b7c8d9e0f',
      event_id: 'evt_01a1fe07b1c17b6c8d9e0f1a2b3c4d5e',
      event_type: 'message.created',
      attempts: 10,
      last_status_code: 503,
      last_error: LAST_ERROR,
    },
  },
  {
    type: 'endpoint.failing',
    description: 'All attempts have failed for half of disable_after_days.',
    example: { ...ENDPOINT, failing_since: SINCE },
  },
  {
    type: 'endpoint.disabled',
    description:
      'By hand ("manual"), because it answered 410 ("gone"), or has failed for too long ("failing").',
    example: { ...ENDPOINT, reason: 'failing', failing_since: SINCE },
  },
  {
    type: 'endpoint.recovered',
    description: 'It answers again after its owner was told: of itself ("answer"), or to a probe ("probe").',
    example: { ...ENDPOINT, failing_since: SINCE, by: 'answer' },
  },
  {
    type: 'endpoint.created',
    description: 'An endpoint was made.',
    example: { ...ENDPOINT, enabled: true, reason: null, changed: [] },
  },
  {
    type: 'endpoint.updated',
    description: 'Settings were changed, a secret rotated, or it was enabled.',
    example: { ...ENDPOINT, enabled: true, reason: null, changed: ['url', 'events'] },
  },
  {
    type: 'endpoint.deleted',
    description: 'An endpoint was deleted by itself, not with its tenant.',
    example: { ...ENDPOINT, enabled: false, reason: null, changed: [] },
  },
  {
    type: 'replay.completed',
    description: 'A replay has ended: all that it made, or it was cancelled.',
    example: {
      ...ENDPOINT,
      replay_id: 'rpl_01a1fe07b1c27d3a9e4f5a6b7c8d9e0f',
      ...{ kind: 'failed', status: 'completed', reason: null },
      ...{ total: 120, succeeded: 118, failed: 2, cancelled: 0, skipped: 0 },
    },
  },
];
