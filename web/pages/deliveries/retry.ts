import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask } from '../../api/client.ts';
import { deliveryQuery } from '../../api/queries.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { announce } from '../../ui/announce.tsx';
import { words } from '../../words/index.ts';

const LOOK_EVERY_MS = 400;
const GIVE_UP_MS = 40_000;

/** Asks for an attempt, and waits until it has been made: "retried" is no news, what came of it is. */
export function useRetry() {
  const tenant = useTenant();
  const queries = useQueryClient();
  const read = (id: string) => queries.fetchQuery({ ...deliveryQuery(tenant, id), staleTime: 0 });
  return useMutation({
    mutationFn: async (id: string) => {
      const params = { path: { tenant, id } };
      const before = await read(id);
      const { note } = await ask(api.POST('/v1/tenants/{tenant}/deliveries/{id}/retry', { params }));
      announce(note ?? words.deliveries.retrying);
      const untilMs = Date.now() + GIVE_UP_MS;
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
        const now = await read(id);
        if (now.attempts.length > before.attempts.length) return now.attempts.at(-1)!;
        if (Date.now() > untilMs) return null;
      }
    },
    onSuccess: (attempt, id) => {
      // Its state may have been read a moment before the attempt.
      void queries.invalidateQueries({ queryKey: deliveryQuery(tenant, id).queryKey });
      if (!attempt) return announce(words.deliveries.retryWaits);
      const code = attempt.status_code;
      const answer = code === null ? words.errorClass[attempt.error?.class ?? 'http'] : String(code);
      announce(
        words.deliveries.retried(answer, attempt.error === null),
        attempt.error === null ? 'good' : 'bad',
      );
    },
    onError: (error) => announce(error.message, 'bad'),
  });
}
