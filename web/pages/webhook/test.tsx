import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Send } from 'lucide-react';
import { useState } from 'react';
import { matchesAny } from '../../../src/events/pattern.ts';
import { parseExactObject } from '../../../src/exact-json.ts';
import { api, ask } from '../../api/client.ts';
import { eventTypesQuery } from '../../api/queries.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { Button } from '../../ui/button.tsx';
import { Choice, TextArea } from '../../ui/field.tsx';
import { Card, layout } from '../../ui/layout.tsx';
import { Failed, Loading } from '../../ui/states.tsx';
import { useUnsaved } from '../../unsaved.ts';
import { words } from '../../words/index.ts';
import { useEndpoint } from './endpoint.ts';
import { AttemptDetails } from '../deliveries/attempt-details.tsx';
import { Refusal } from './refusal.tsx';
import { testRefusal } from './test-refusal.ts';
import { Verdict } from './verdict.tsx';
import styles from './webhook.module.css';

/** A type, its example to be changed, and what came of sending it. */
export function TestPage() {
  const endpoint = useEndpoint();
  const tenant = useTenant();
  const queries = useQueryClient();
  const types = useQuery(eventTypesQuery(endpoint.profile));
  const [chosen, setChosen] = useState<string | null>(null);
  const [edited, setEdited] = useState<string | null>(null);
  const [sent, setSent] = useState<string | null>(null);
  useUnsaved(edited !== null && edited !== sent);
  const { test } = words.webhook;
  const send = useMutation({
    mutationFn: (body: { type?: string; data?: Record<string, never> }) =>
      ask(
        api.POST('/v1/tenants/{tenant}/endpoints/{id}/test', {
          params: { path: { tenant, id: endpoint.id } },
          body: { ...body, wait: true },
        }),
      ),
    onSuccess: () => setSent(edited),
    onSettled: () => queries.invalidateQueries({ queryKey: [tenant] }),
  });
  if (types.isPending) return <Loading />;
  if (types.isError) return <Failed error={types.error} onRetry={() => void types.refetch()} />;

  const wanted = types.data.filter(({ name }) => matchesAny(endpoint.events, name));
  const known = wanted.length > 0 ? wanted : types.data;
  const type = known.find(({ name }) => name === chosen) ?? known[0];
  const text = edited ?? JSON.stringify(type?.example ?? {}, null, 2);
  const data = parseExactObject(text);
  const attempt = send.data && 'attempt' in send.data ? send.data.attempt : null;
  return (
    <div className={styles.two}>
      <Card title={test.title} text={test.text}>
        {type && (
          <Choice
            label={test.type}
            hint={type.description ?? undefined}
            value={type.name}
            options={known.map(({ name }) => ({ value: name, label: name }))}
            onChange={(name) => {
              setChosen(name);
              setEdited(null);
            }}
          />
        )}
        <TextArea
          label={test.data}
          rows={14}
          error={data ? undefined : test.notJson}
          value={text}
          onChange={setEdited}
        />
        <div className={layout.row}>
          <Button
            look="primary"
            disabled={!data || !endpoint.enabled}
            busy={send.isPending}
            onClick={() =>
              send.mutate({ ...(type && { type: type.name }), data: data! as Record<string, never> })
            }
          >
            <Send size={15} aria-hidden />
            {send.isPending ? test.waiting : test.send}
          </Button>
          {edited !== null && <Button onClick={() => setEdited(null)}>{test.reset}</Button>}
        </div>
        {!endpoint.enabled && <p>{test.disabled}</p>}
      </Card>
      <Card title={test.result} text={send.data ? undefined : test.none}>
        {send.isError && <Verdict verdict={testRefusal(send.error)} />}
        {send.data && (
          <div className={layout.stack}>
            <Verdict verdict={send.data.verdict ?? ''} attempt={attempt} />
            {attempt && <AttemptDetails attempt={attempt} withoutTiming />}
            <Link to="/deliveries" search={{ endpoint: endpoint.id, open: send.data.delivery_id }}>
              {test.open}
            </Link>
          </div>
        )}
      </Card>
      <div className={styles.across}>
        <Refusal />
      </div>
    </div>
  );
}
