import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api, ask } from '../../api/client.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { PageHead } from '../../ui/layout.tsx';
import { words } from '../../words/index.ts';
import { keepFreshSecret } from '../webhook/fresh-secret.ts';
import { EMPTY, inputOf, type Draft } from './draft.ts';
import { WebhookForm } from './webhook-form.tsx';

export function NewWebhook() {
  const tenant = useTenant();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const create = async (draft: Draft) => {
    const made = await ask(
      api.POST('/v1/tenants/{tenant}/endpoints', { params: { path: { tenant } }, body: inputOf(draft) }),
    );
    if (made.secret) keepFreshSecret(made.id, made.secret);
    await queries.invalidateQueries({ queryKey: [tenant] });
    await navigate({ to: '/webhooks/$id/secret', params: { id: made.id } });
  };
  return (
    <>
      <PageHead title={words.edit.newTitle} text={words.edit.newText} />
      <WebhookForm start={EMPTY} action={words.edit.create} onSave={create} />
    </>
  );
}
