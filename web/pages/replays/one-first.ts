import { api, ask } from '../../api/client.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { words } from '../../words/index.ts';

const LOOK_EVERY_MS = 500;
const GIVE_UP_MS = 40_000;

/** Sends the newest failed delivery again and waits for a 2xx: only then is it worth to send the rest. Throws in words. */
export function useOneFirst() {
  const tenant = useTenant();
  return async (endpointId: string, span: { since: string; until: string }): Promise<void> => {
    const query = { endpoint_id: endpointId, status: ['failed' as const], ...span, limit: 1 };
    const page = await ask(
      api.GET('/v1/tenants/{tenant}/deliveries', { params: { path: { tenant }, query } }),
    );
    const [first] = page.data;
    if (!first) return;
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
