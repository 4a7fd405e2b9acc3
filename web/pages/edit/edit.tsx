import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api, ApiProblem, ask, type EndpointInput, type Profile } from '../../api/client.ts';
import { endpointQuery, profilesQuery } from '../../api/queries.ts';
import { rebased } from '../../rebase.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { announce } from '../../ui/announce.tsx';
import { Failed, Loading } from '../../ui/states.tsx';
import { words } from '../../words/index.ts';
import { useEndpoint } from '../webhook/endpoint.ts';
import { changesOf, draftOf, type Draft } from './draft.ts';
import { profileOf } from './form.tsx';
import { WebhookForm } from './webhook-form.tsx';

export function EditWebhook() {
  const { profile: name } = useEndpoint();
  const profiles = useQuery(profilesQuery);
  if (profiles.isPending) return <Loading />;
  if (profiles.isError) return <Failed error={profiles.error} onRetry={() => void profiles.refetch()} />;
  return <Edit profile={profileOf(profiles.data, name)} />;
}

function Edit({ profile }: { profile: Profile }) {
  const tenant = useTenant();
  const endpoint = useEndpoint();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const start = draftOf(endpoint, profile);
  const patch = (asOf: string, body: Partial<EndpointInput>) => {
    const params = { path: { tenant, id: endpoint.id }, header: { 'If-Match': `"${asOf}"` } };
    return ask(api.PATCH('/v1/tenants/{tenant}/endpoints/{id}', { params, body }));
  };
  /** Somebody may have changed it since it was read last, even a moment ago; what both changed is shown before one of them is lost. */
  const write = async (typed: Draft, attempts: number): ReturnType<typeof patch> => {
    const current = await queries.fetchQuery({ ...endpointQuery(tenant, endpoint.id), staleTime: 0 });
    const stored = draftOf(current, profile);
    const { merged, both } = rebased(start, typed, stored);
    if (both.length > 0) throw new Error(words.edit.notYet);
    try {
      return await patch(current.updated_at, changesOf(stored, merged));
    } catch (error) {
      if (!isChangedMeanwhile(error) || attempts <= 1) throw error;
      return write(typed, attempts - 1);
    }
  };
  const change = async (typed: Draft) => {
    const { warnings } = await write(typed, 3);
    await queries.invalidateQueries({ queryKey: [tenant] });
    announce([words.edit.saved, ...warnings.map(({ message }) => message)].join(' '));
    await navigate({ to: '/webhooks/$id', params: { id: endpoint.id }, ignoreBlocker: true });
  };
  return (
    <WebhookForm
      key={endpoint.id}
      id={endpoint.id}
      start={start}
      action={words.common.save}
      onSave={change}
    />
  );
}

const isChangedMeanwhile = (error: unknown): boolean =>
  error instanceof ApiProblem && error.code === 'changed_meanwhile';
