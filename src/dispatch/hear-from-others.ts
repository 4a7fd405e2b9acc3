import { CHANNELS, type Listener } from '../store/listener.ts';
import { readLaneNotice } from '../store/notify-lanes.ts';
import { readNotice } from '../store/notify-waiting.ts';
import type { Dispatch } from './index.ts';

/** What other processes say that concerns what this one holds, or could hold. */
export function hearFromOthers(listener: Listener, dispatch: Dispatch): void {
  const { claimer, dispatcher, lanes, membership, limiter, slowDowns } = dispatch;
  listener.on(CHANNELS.waiting, (payload) => {
    const { from, endpoints } = readNotice(payload);
    if (from !== null && from === membership.id) return;
    if (endpoints) claimer.left(endpoints);
    else {
      claimer.nudge();
      // What was released may stand in lanes.
      lanes.look();
    }
  });
  listener.on(CHANNELS.lanes, (payload) => {
    const notice = readLaneNotice(payload);
    if (notice.from === null || notice.from !== membership.id) lanes.heard(notice);
  });
  listener.on(CHANNELS.cancelled, (deliveryId) => {
    dispatcher.cancel(deliveryId);
    lanes.cancelled(deliveryId);
  });
  // Its limit may be another, or its slow-down over.
  listener.on(CHANNELS.endpoints, (payload) => {
    const [tenantId, endpointId] = payload.split(' ') as [string, string];
    limiter.changed(endpointId);
    slowDowns.forget(endpointId);
    claimer.wake(endpointId);
    lanes.changed({ tenantId, endpointId });
  });
  listener.on(CHANNELS.slowed, (payload) => {
    const [, endpointId, forMs] = payload.split(' ');
    slowDowns.learn(endpointId!, Number(forMs));
  });
  listener.onConnect(() => {
    limiter.allChanged();
    slowDowns.forgetAll();
    claimer.wakeAll();
  });
}
