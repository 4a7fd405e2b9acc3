import {
  CancellationScope,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ReplayActivities, ReplayInput, ReplayOrder } from '../activities/replay.ts';
import { code } from './markdown.ts';
import { carryOn, checkIds, type Carried } from './long-work.ts';

const ORDERS: readonly ReplayOrder[] = ['pause', 'resume', 'cancel'];

/**
 * Sends events again to an endpoint: those that failed, or all, or those that it never got. Ends when all that it made has
 * ended. Pausing, resuming and cancelling are in its row; these signals are for people, and do the same.
 */
export async function replay(raw: ReplayInput & Carried): Promise<Record<string, number>> {
  const { tenantId, replayId } = checkIds(raw, 'tenantId', 'replayId');
  const input = { tenantId, replayId };
  const { carryReplay, orderReplay } = proxyActivities<ReplayActivities>({
    taskQueue: `${workflowInfo().taskQueue}-attempts`,
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: '15 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
  });
  const orders: ReplayOrder[] = [];
  for (const order of ORDERS)
    setHandler(defineSignal(order), () => void orders.push(order), {
      description: `As POST …/${order} does.`,
    });

  const work = {
    title: `Replay \`${code(replayId)}\``,
    stretch: (pressure: number | undefined) =>
      carryReplay(pressure === undefined ? input : { ...input, pressure }),
    async obey() {
      for (let order = orders.shift(); order; order = orders.shift()) await orderReplay({ ...input, order });
    },
    isAsked: () => orders.length > 0,
  };
  try {
    const { counts } = await carryOn({ ...raw, ...input }, work);
    return counts;
  } catch (error) {
    if (!isCancellation(error)) throw error;
    // The workflow itself was cancelled, and with it what it carries.
    await CancellationScope.nonCancellable(async () => {
      await orderReplay({ ...input, order: 'cancel' });
      await carryOn({ ...raw, ...input }, work);
    });
    throw error;
  }
}
