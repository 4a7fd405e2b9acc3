import { useQuery } from '@tanstack/react-query';
import { useDeferredValue } from 'react';
import { api, ask, type EndpointInput } from '../../api/client.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { Code } from '../../ui/code.tsx';
import { Choice, TextArea, TextField } from '../../ui/field.tsx';
import { Card, layout } from '../../ui/layout.tsx';
import { words } from '../../words/index.ts';
import { inputOf } from './draft.ts';
import type { SectionProps } from './form.tsx';
import { indented } from '../../ui/indented.ts';

/** What the body is made of, with what that comes to for an example. */
export function Template({ draft, set, errorOf, id }: SectionProps & { id?: string }) {
  const { template } = words.edit;
  const isPreset = draft.template !== 'none' && draft.template !== 'jsonata';
  return (
    <Card title={template.title} text={template.text}>
      <Choice
        label={template.kind}
        value={draft.template}
        options={(['none', 'slack', 'discord', 'teams', 'jsonata'] as const).map((value) => ({
          value,
          label: template.kinds[value],
        }))}
        onChange={(kind) => set({ template: kind })}
      />
      {isPreset && (
        <div className={layout.columns}>
          <TextField
            label={template.heading}
            placeholder="{type}"
            value={draft.title}
            onChange={(title) => set({ title })}
          />
          <TextField
            label={template.link}
            placeholder="data.url"
            mono
            value={draft.link}
            onChange={(link) => set({ link })}
          />
          <TextArea
            label={template.fields}
            hint={template.fieldsHint}
            rows={2}
            value={draft.fields}
            onChange={(fields) => set({ fields })}
          />
        </div>
      )}
      {draft.template === 'jsonata' && (
        <TextArea
          label={template.jsonata}
          hint={template.jsonataHint}
          error={errorOf('template')}
          rows={6}
          placeholder={'{ "text": "Ticket " & data.ticket_id }'}
          value={draft.jsonata}
          onChange={(jsonata) => set({ jsonata })}
        />
      )}
      <Preview input={inputOf(draft)} id={id} />
    </Card>
  );
}

/** Follows what is typed, half a second behind. */
function Preview({ input, id }: { input: EndpointInput; id?: string }) {
  const tenant = useTenant();
  const { template, profile, events, signature } = input;
  const wanted = useDeferredValue(
    JSON.stringify(id ? { template } : { template, profile, events, signature }),
  );
  const preview = useQuery({
    queryKey: [tenant, 'preview', id ?? null, wanted],
    queryFn: async ({ signal }) => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      if (signal.aborted) throw signal.reason;
      const said = JSON.parse(wanted) as Pick<EndpointInput, 'template'>;
      const path = { tenant };
      return id
        ? ask(
            api.POST('/v1/tenants/{tenant}/endpoints/{id}/preview', {
              params: { path: { ...path, id } },
              body: said,
            }),
          )
        : ask(
            api.POST('/v1/tenants/{tenant}/endpoints/preview', {
              params: { path },
              body: { ...said, url: 'https://preview.example.com/' },
            }),
          );
    },
    retry: false,
    placeholderData: (before) => before,
  });
  const { template: said } = words.edit;
  return (
    <div className={layout.stack} aria-live="polite">
      <h3>{said.preview}</h3>
      {preview.isError && <p>{said.failed(preview.error.message)}</p>}
      {preview.data && !preview.isError && <Code label={said.preview} text={indented(preview.data.body)} />}
    </div>
  );
}
