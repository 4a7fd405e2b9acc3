import type { Logger } from 'pino';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../domain.ts';
import { labelOf } from '../endpoint-label.ts';
import { isLane } from '../ids.ts';
import { phaseOf, TRANSITIONS, type DeliveryStatus } from '../lifecycle.ts';
import { Problem } from '../problem.ts';
import { writeAudit } from '../store/audit.ts';
import { cancelDeliveries } from '../store/delivery-state.ts';
import type { EndpointCache } from '../store/endpoint-cache.ts';
import { findDelivery, type ListedDelivery } from '../store/list-deliveries.ts';
import { findEventByUid } from '../store/list-events.ts';
import type { LaneNews } from '../store/notify-lanes.ts';
import { notifyCancelled, notifyWaiting } from '../store/notify.ts';
import type { Pool, Queryable } from '../store/pool.ts';
import { transaction } from '../store/transaction.ts';
import { releaseHeld } from '../store/release-held.ts';
import { releaseOne } from '../store/releases.ts';
import type { DeliveryWorkflows } from '../temporal/workflows.ts';

/** What people ask of single deliveries. Throws Problems that say what stands against it. */
export interface Orders {
  /** One attempt at once, whatever the schedule says. Returns the delivery as it was. */
  retry(tenantId: string, id: string): Promise<ListedDelivery>;
  /** No further attempt; one under way is finished. */
  cancel(tenantId: string, id: string): Promise<void>;
}

export interface OrdersDeps {
  db: Pool;
  endpoints: EndpointCache;
  workflows: DeliveryWorkflows;
  temporalIsConnected(): boolean;
  notifyLanes(news: LaneNews): void;
  log: Logger;
}

/** Deliveries wait up to half a second for a workflow to ride in. */
const CARRIER_WAIT_MS = 1_500;
const CARRIER_POLL_MS = 50;

export function createOrders(deps: OrdersDeps): Orders {
  const { db, endpoints, workflows, temporalIsConnected, log } = deps;
  async function find(tenantId: string, id: string): Promise<ListedDelivery> {
    const delivery = await findDelivery(db, tenantId, id);
    if (!delivery) throw Problem.notFound('delivery', id);
    return delivery;
  }

  /**
   * Attempted a moment ago, its workflow is about to start: the signal is for that one, not for a second beside it.
   * A lane needs none: waited for, its delivery could end meanwhile, and would be sent again beside the order.
   */
  async function withCarrier(tenantId: string, found: ListedDelivery): Promise<ListedDelivery> {
    let delivery = found;
    const giveUpAt = performance.now() + CARRIER_WAIT_MS;
    const isAwaited = ({ status, workflowId, laneKey }: ListedDelivery) =>
      status === 'retrying' && !workflowId && laneKey === null;
    while (isAwaited(delivery) && performance.now() < giveUpAt) {
      await sleep(CARRIER_POLL_MS);
      delivery = (await findDelivery(db, tenantId, found.id)) ?? delivery;
    }
    return delivery;
  }

  /** `note`: enters it in the audit log, once nothing stands against it, and before anything is done. */
  async function orderAttempt(
    endpoint: Endpoint,
    found: ListedDelivery,
    note: () => Promise<void>,
  ): Promise<void> {
    const { tenantId } = endpoint;
    if (!temporalIsConnected())
      throw Problem.unavailable('Temporal cannot be reached, and it carries retries; try again shortly.', 5);
    const { id, workflowId, status, ...delivery } = await withCarrier(tenantId, found);
    const isOpen = phaseOf(status) === 'open';
    await note();
    if (isOpen && delivery.laneKey !== null) {
      const { endpointId } = delivery;
      await workflows.wakeLane({ tenantId, endpointId, label: labelOf(endpoint) }, id);
      return deps.notifyLanes({ leave: [endpointId] });
    }
    if (isOpen && workflowId && (await workflows.signalRetry(workflowId, id, delivery.attemptCount))) return;
    await workflows.startRetry({
      workflowId: id,
      succeeded: false,
      passengers: [
        {
          deliveryId: id,
          tenantId,
          endpointId: delivery.endpointId,
          eventType: delivery.eventType,
          eventId: delivery.eventId,
          label: labelOf(endpoint),
          progress: {
            attempts: delivery.attemptCount,
            scheduled: delivery.scheduledCount,
            dueAtMs: isOpen ? (delivery.nextAttemptAt?.getTime() ?? null) : null,
            ...(status === 'pending' || status === 'retrying' ? {} : { ended: status }),
          },
        },
      ],
    });
  }

  /** The row decides; the signal only ends the workflow early. With Temporal away it ends at its next step. */
  async function tellWorkflow(workflowId: string, deliveryId: string): Promise<void> {
    if (!temporalIsConnected()) return;
    await workflows.signalCancel(workflowId, [deliveryId]).catch((error: unknown) => {
      log.warn({ err: error, deliveryId }, 'the workflow of a cancelled delivery could not be told');
    });
  }

  return {
    async retry(tenantId, id) {
      const delivery = await find(tenantId, id);
      const endpoint = await endpoints.get(tenantId, delivery.endpointId);
      if (!endpoint) throw new Problem('endpoint_deleted', 'The endpoint of this delivery was deleted.');
      if (!endpoint.enabled)
        throw new Problem('endpoint_disabled', 'Enable the endpoint before you retry to it.');
      const noteRetry = (tx: Queryable) =>
        writeAudit(tx, [{ tenantId, action: 'delivery.retried', subjectId: id }]);
      const mayRetry: readonly DeliveryStatus[] = TRANSITIONS.retryByHand.from;
      if (mayRetry.includes(delivery.status)) {
        const event = await findEventByUid(db, tenantId, delivery.eventUid);
        if (typeof event?.data !== 'string')
          throw new Problem('payload_dropped', "The event's data has been dropped because of its age.");
        await orderAttempt(endpoint, delivery, () => noteRetry(db));
      }
      // Being released this very moment, or forgotten: then this is what remembers it.
      else if (delivery.status === 'held') {
        await transaction(db, async (tx) => {
          if (endpoint.release === 'deliver') await releaseOne(tx, id);
          else await releaseHeld(tx, delivery.endpointId, 1_000);
          await noteRetry(tx);
        });
        await notifyWaiting(db);
      } else await noteRetry(db);
      return delivery;
    },

    async cancel(tenantId, id) {
      const delivery = await find(tenantId, id);
      const [cancelled] = await transaction(db, async (tx) => {
        const found = await cancelDeliveries(tx, [id]);
        if (found.length > 0)
          await writeAudit(tx, [{ tenantId, action: 'delivery.cancelled', subjectId: id }]);
        return found;
      });
      if (!cancelled) {
        throw new Problem(
          'delivery_ended',
          `The delivery has ${delivery.status} already: there is nothing to cancel.`,
        );
      }
      await notifyCancelled(db, [id]);
      // A lane is looked at anyway.
      if (cancelled.workflowId && !isLane(cancelled.workflowId)) await tellWorkflow(cancelled.workflowId, id);
    },
  };
}
