import { Context } from '@temporalio/activity';
import { tellCarriers } from '../src/deliveries/tell-carriers.ts';
import { deleteTenantRows, endTenant } from '../src/store/delete-tenant.ts';
import { notifyCancelled } from '../src/store/notify.ts';
import type { Queryable } from '../src/store/pool.ts';
import type { ReplayWorkflows } from '../src/temporal/long-work.ts';
import type { DeliveryWorkflows } from '../src/temporal/workflows.ts';

export interface DeleteTenantDeps {
  /** Connections that nothing waits for. */
  db: Queryable;
  workflows: Pick<DeliveryWorkflows, 'signalCancel'>;
  longWork: Pick<ReplayWorkflows, 'wakeReplay'>;
}

export interface DeleteTenantActivities {
  /** Deletes what there is of the tenant, except itself. Returns how many rows that were. */
  deleteTenantRows(input: { tenantId: string }): Promise<number>;
  endTenant(input: { tenantId: string }): Promise<void>;
}

export function createDeleteTenantActivities({
  db,
  workflows,
  longWork,
}: DeleteTenantDeps): DeleteTenantActivities {
  return {
    async deleteTenantRows({ tenantId }) {
      let deleted = 0;
      await deleteTenantRows(db, tenantId, async ({ rows, unended, replays }) => {
        // Another has been given the task.
        Context.current().cancellationSignal.throwIfAborted();
        Context.current().heartbeat();
        deleted += rows;
        // A paused one sleeps until it is told something; without a row it ends. Temporal is there: this is its activity.
        await Promise.allSettled(replays.map((replay) => longWork.wakeReplay(replay)));
        if (unended.length === 0) return;
        await notifyCancelled(
          db,
          unended.map(({ id }) => id),
        );
        const onTold = () => Context.current().heartbeat();
        // Who is not told finds no row at its next step, and ends.
        await tellCarriers(workflows, unended, { onTold }).catch(() => {});
      });
      return deleted;
    },
    endTenant: ({ tenantId }) => endTenant(db, tenantId),
  };
}
