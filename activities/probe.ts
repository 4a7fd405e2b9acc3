import { Context } from '@temporalio/activity';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Acceptor } from '../src/accept/accept.ts';
import { parseEventInput } from '../src/accept/event-input.ts';
import type { Catalogue } from '../src/catalogue/index.ts';
import type { EndpointChanges } from '../src/endpoints/changes.ts';
import { phaseOf } from '../src/lifecycle.ts';
import type { EndpointStore } from '../src/store/endpoints.ts';
import { findDelivery } from '../src/store/list-deliveries.ts';
import type { Queryable } from '../src/store/pool.ts';

export interface ProbeDeps {
  db: Queryable;
  endpointStore: EndpointStore;
  changes: EndpointChanges;
  catalogue: Pick<Catalogue, 'testEvent'>;
  acceptor: Pick<Acceptor, 'publishProbe'>;
}

/** `over`: it is not disabled for failing any more, or wants no probes. */
export type ProbeEnd = 'answered' | 'failed' | 'over';

export interface ProbeActivities {
  /** Publishes an event like a test's to it, waits for what comes of it, and enables it when it answers 2xx. */
  makeProbe(input: { tenantId: string; endpointId: string; eventId: string }): Promise<ProbeEnd>;
}

/** What a probe is where no event type is known. */
const PROBE_TYPE = 'probe';
const POLL_MS = 500;

export function createProbeActivities(deps: ProbeDeps): ProbeActivities {
  const { db, endpointStore, changes, catalogue, acceptor } = deps;

  /** Its one attempt is made by whoever has claimed the delivery. */
  async function hasArrived(tenantId: string, deliveryId: string): Promise<boolean> {
    for (;;) {
      Context.current().cancellationSignal.throwIfAborted();
      Context.current().heartbeat();
      const delivery = await findDelivery(db, tenantId, deliveryId);
      if (!delivery || phaseOf(delivery.status) !== 'open') return delivery?.status === 'succeeded';
      await sleep(POLL_MS);
    }
  }

  return {
    async makeProbe({ tenantId, endpointId, eventId }) {
      const endpoint = await endpointStore.find(tenantId, endpointId);
      if (!endpoint?.probe || endpoint.enabled || endpoint.disabledReason !== 'failing') return 'over';
      const { type = PROBE_TYPE, ...example } = await catalogue.testEvent(endpoint, undefined, undefined);
      const event = parseEventInput({ id: eventId, type, ...example }, '');
      // Of an earlier try, it is the same.
      const { deliveryIds } = await acceptor.publishProbe(endpoint, event);
      if (deliveryIds[0] === undefined || !(await hasArrived(tenantId, deliveryIds[0]))) return 'failed';
      await changes.recover(tenantId, endpointId);
      return 'answered';
    },
  };
}
