import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';
import { api, ask } from '../../api/client.ts';
import { newKey } from '../../request-key.ts';
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
  const keyFor = useRequestKey();
  const create = async (draft: Draft) => {
    const body = inputOf(draft);
    const header = { 'Idempotency-Key': keyFor(JSON.stringify(body)) };
    const made = await ask(
      api.POST('/v1/tenants/{tenant}/endpoints', { params: { path: { tenant }, header }, body }),
    );
    if (made.secret) keepFreshSecret(made.id, { secret: made.secret, madeBy: null });
    await queries.invalidateQueries({ queryKey: [tenant] });
    await navigate({ to: '/webhooks/$id/secret', params: { id: made.id }, ignoreBlocker: true });
  };
  return (
    <>
      <PageHead title={words.edit.newTitle} text={words.edit.newText} />
      <WebhookForm start={EMPTY} action={words.edit.create} onSave={create} />
    </>
  );
}

/** One for one content: if its answer was lost and it is sent again, there is one webhook all the same. */
function useRequestKey(): (content: string) => string {
  const last = useRef({ content: '', key: '' });
  return (content) => {
    if (last.current.content !== content) last.current = { content, key: newKey() };
    return last.current.key;
  };
}
