import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../../api/client.ts';

/** Which rotation was the last one, as the audit log has it; null: there was none. */
export async function lastRotation(tenant: string, id: string): Promise<string | null> {
  const query = { subject_id: id, action: ['endpoint.secret_rotated' as const], limit: 1 };
  const { data } = await ask(api.GET('/v1/tenants/{tenant}/audit', { params: { path: { tenant }, query } }));
  return data[0]?.id ?? null;
}

/** A rotation changes the webhook, and nothing else about it tells that it was one: asked again whenever it was changed. */
export const lastRotationQuery = (tenant: string, id: string, updatedAt: string) =>
  queryOptions({
    queryKey: [tenant, 'last-rotation', id, updatedAt],
    queryFn: () => lastRotation(tenant, id),
    staleTime: Infinity,
  });
