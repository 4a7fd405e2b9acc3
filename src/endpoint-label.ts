import type { EndpointLabel } from '../workflows/messages.ts';
import type { Endpoint } from './domain.ts';

/** Endpoints come from a cache, and every delivery has the label of its own: a URL is parsed once. */
const labels = new WeakMap<Endpoint, EndpointLabel>();

/** What people read of an endpoint in Temporal. Of its URL the host only: user, path and query may hold secrets. */
export function labelOf(endpoint: Endpoint): EndpointLabel {
  let label = labels.get(endpoint);
  if (label === undefined) {
    const { tenantId, name, url } = endpoint;
    label = { tenant: tenantId, name, host: URL.parse(url)?.host ?? '' };
    labels.set(endpoint, label);
  }
  return label;
}
