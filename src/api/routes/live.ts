import type { Router } from 'express';
import type { ApiContext } from '../context.ts';
import { createDeliveryPages, streamSchema } from '../delivery-page.ts';
import { createLiveDeliveries } from '../live-deliveries.ts';
import { readQuery, readTenant } from '../request.ts';

/** Deliveries as they come and change, as server-sent events. */
export function liveRoutes(router: Router, context: ApiContext): void {
  const live = createLiveDeliveries(createDeliveryPages(context));
  context.onStop?.(() => live.stop());
  router.get('/v1/tenants/:tenant/deliveries/stream', async (request, response) => {
    const { authorization } = request.headers;
    const stillAllowed = () => context.access.authenticator.isStillGood(authorization);
    await live.watch(readTenant(request), readQuery(request, streamSchema), response, stillAllowed);
  });
}
