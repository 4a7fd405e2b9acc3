import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, type Endpoint } from '../../api/client.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { announce } from '../../ui/announce.tsx';
import { words } from '../../words/index.ts';
import { nameOf } from './name.ts';

/** The switch of a webhook: off holds what comes, on sends what was held. */
export function useSetEnabled(endpoint: Endpoint) {
  const tenant = useTenant();
  const queries = useQueryClient();
  const params = { path: { tenant, id: endpoint.id } };
  const name = nameOf(endpoint);
  return useMutation({
    mutationFn: (enabled: boolean) =>
      enabled
        ? ask(api.POST('/v1/tenants/{tenant}/endpoints/{id}/enable', { params }))
        : ask(api.POST('/v1/tenants/{tenant}/endpoints/{id}/disable', { params })),
    onSuccess: async (_answer, enabled) => {
      await queries.invalidateQueries({ queryKey: [tenant] });
      announce(enabled ? words.webhooks.enabledNow(name) : words.webhooks.disabledNow(name));
    },
    onError: (error) => announce(error.message, 'bad'),
  });
}
