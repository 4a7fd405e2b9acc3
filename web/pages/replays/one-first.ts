import { api, ask } from '../../api/client.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import type { DeliveryFilter } from '../deliveries/query.ts';
import { words } from '../../words/index.ts';

const LOOK_EVERY_MS = 500;
const GIVE_UP_MS = 40_000;

type Chosen = Required<Pick<DeliveryFilter, 'endpoint_id' | 'since' | 'until'>> &
  Pick<DeliveryFilter, 'event_type'>;

/** Sends the newest failed delivery of what was chosen again and waits for a 2xx: only then is it worth to send the rest. Throws in words. */
export function useOneFirst() {
  const tenant = useTenant();
  return async (chosen: Chosen): Promise<void> => {
    const query = { ...chosen, status: ['failed' as const], limit: 1 };
    const page = await ask(
      api.GET('/v1/tenants/{tenant}/deliveries', { params: { path: { tenant }, query } }),
    );
    const [first] = page.data;
    if (!first) throw new Error(words.replay.noFirst);
    const params = { path: { tenant, id: first.id } };
    await ask(api.POST('/v1/tenants/{tenant}/deliveries/{id}/retry', { params }));
    const untilMs = Date.now() + GIVE_UP_MS;
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      const { attempts } = await ask(api.GET('/v1/tenants/{tenant}/deliveries/{id}', { params }));
      const last = attempts.at(-1);
      if (last && attempts.length > first.attempt_count) {
        if (last.error === null) return;
        throw new Error(words.replay.firstFailed(last.error.message ?? String(last.status_code)));
      }
      if (Date.now() > untilMs) throw new Error(words.replay.firstLate);
    }
  };
}
