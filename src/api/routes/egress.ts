import type { Router } from 'express';
import type { ApiContext } from '../context.ts';

/** Where deliveries come from, for the firewalls of those who receive them. */
export function egressRoutes(router: Router, { config }: ApiContext): void {
  router.get('/v1/egress-ips', (_request, response) => {
    response.json({ data: config.egressIps });
  });
}
