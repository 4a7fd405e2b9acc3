import type { EndpointLabel } from '../workflows/messages.ts';
import type { Endpoint } from './domain.ts';

/** What people read of an endpoint in Temporal. Of its URL the host only: user, path and query may hold secrets. */
export function labelOf({ tenantId, name, url }: Endpoint): EndpointLabel {
  return { tenant: tenantId, name, host: URL.parse(url)?.host ?? '' };
}
