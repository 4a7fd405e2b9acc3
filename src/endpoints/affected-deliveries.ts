import type { Logger } from 'pino';
import type { Endpoint } from '../domain.ts';
import { cancelEndpointDeliveries } from '../store/cancel-endpoint-deliveries.ts';
import { tellCarriers } from '../deliveries/tell-carriers.ts';
import type { CancelledDelivery } from '../store/delivery-state.ts';
import { MOVED_AT_ONCE } from '../store/endpoints.ts';
import { notifyCancelled, notifyWaiting } from '../store/notify.ts';
import type { Queryable } from '../store/pool.ts';
import { releaseHeld } from '../store/release-held.ts';
import { replayAtWork } from '../store/replays.ts';
import type { ReleaseWorkflows, ReplayWorkflows } from '../temporal/long-work.ts';
import type { DeliveryWorkflows } from '../temporal/workflows.ts';

/** What an endpoint's change means for more deliveries than its transaction could move. All return at once. */
export interface AffectedDeliveries {
  /** It is enabled: goes on releasing until it holds nothing, or has a workflow do so, and tells a replay to it. */
  goOn(endpoint: Endpoint): void;
  /** It is deleted, and these are cancelled: tells their workflows, and goes on cancelling. */
  cancelRest(endpointId: string, cancelled: CancelledDelivery[]): void;
}

export interface AffectedDeliveriesDeps {
  db: Queryable;
  workflows: DeliveryWorkflows;
  longWork: ReplayWorkflows & ReleaseWorkflows;
  temporalIsConnected(): boolean;
  log: Logger;
}

/** Workflows: the rest find their rows cancelled at their next step. */
const MAX_TOLD = 2_000;

export function createAffectedDeliveries(deps: AffectedDeliveriesDeps): AffectedDeliveries {
  const { db, workflows, longWork, temporalIsConnected, log } = deps;

  async function wakeReplay(tenantId: string, endpointId: string): Promise<void> {
    const replay = await replayAtWork(db, tenantId, endpointId);
    if (replay?.status === 'running') await longWork.wakeReplay(replay);
  }

  /** Should this be cut off: the sweep releases what is left. */
  async function release(endpointId: string): Promise<void> {
    for (;;) {
      const released = await releaseHeld(db, endpointId, MOVED_AT_ONCE);
      if (released > 0) await notifyWaiting(db);
      if (released < MOVED_AT_ONCE) return;
    }
  }

  /** And of a deleted endpoint it lets workers find what is left, who cancel it. */
  async function cancel(endpointId: string, first: CancelledDelivery[]): Promise<void> {
    let told = await tell(first, MAX_TOLD);
    for (let last = first; last.length === MOVED_AT_ONCE;) {
      last = await cancelEndpointDeliveries(db, endpointId, MOVED_AT_ONCE);
      await notifyCancelled(
        db,
        last.map((delivery) => delivery.id),
      );
      told += await tell(last, MAX_TOLD - told);
    }
  }

  /** Returns how many were told. */
  async function tell(cancelled: CancelledDelivery[], limit: number): Promise<number> {
    return temporalIsConnected() ? tellCarriers(workflows, cancelled, { limit }) : 0;
  }

  return {
    goOn({ tenantId, id, release: kind }) {
      const rest = kind === null ? release(id) : longWork.wakeRelease({ tenantId, endpointId: id });
      rest.catch((error: unknown) => {
        log.warn({ err: error, endpointId: id }, 'what is left of what it held is released by the sweep');
      });
      wakeReplay(tenantId, id).catch((error: unknown) => {
        log.warn({ err: error, endpointId: id }, 'a replay to it goes on a little later');
      });
    },
    cancelRest(endpointId, cancelled) {
      cancel(endpointId, cancelled).catch((error: unknown) => {
        log.warn(
          { err: error, endpointId },
          'not all deliveries of a deleted endpoint could be told; they end at their next step',
        );
      });
    },
  };
}
