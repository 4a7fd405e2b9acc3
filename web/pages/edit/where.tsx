import { useQuery } from '@tanstack/react-query';
import { profilesQuery } from '../../api/queries.ts';
import { useSignedIn } from '../../shell/signed-in.tsx';
import { Check, Choice, TextField } from '../../ui/field.tsx';
import { Card, layout } from '../../ui/layout.tsx';
import { words } from '../../words/index.ts';
import { ENVIRONMENTS } from '../../search.ts';
import { EMPTY } from './draft.ts';
import type { SectionProps } from './form.tsx';
import { urlProblem } from './url-check.ts';

export function Where({ draft, set, errorOf, profile, isNew }: SectionProps) {
  const { me } = useSignedIn();
  const profiles = useQuery(profilesQuery).data ?? [profile];
  const problem = urlProblem(draft.url, me.environment === 'production');
  const { where } = words.edit;
  return (
    <Card title={where.title} text={where.text}>
      <TextField
        required
        label={where.url}
        hint={where.urlHint(me.environment === 'production')}
        error={errorOf('url') ?? problem ?? undefined}
        type="url"
        inputMode="url"
        placeholder="https://example.com/webhooks"
        mono
        value={draft.url}
        onChange={(url) => set({ url })}
      />
      <div className={layout.columns}>
        <TextField
          label={where.name}
          hint={where.nameHint}
          error={errorOf('name')}
          value={draft.name}
          onChange={(name) => set({ name })}
        />
        <Choice
          label={where.profile}
          hint={profile.description}
          disabled={!isNew}
          error={errorOf('profile')}
          value={draft.profile}
          options={profiles.map(({ name }) => ({ value: name, label: name }))}
          onChange={(name) => set({ profile: name, method: '', secretFrom: EMPTY.secretFrom })}
        />
        {profile.methods.length > 1 && (
          <Choice
            label={where.method}
            value={draft.method || profile.methods[0]!}
            options={profile.methods.map((method) => ({ value: method, label: method }))}
            onChange={(method) => set({ method })}
          />
        )}
      </div>
      <fieldset>
        <legend className="sr-only">{where.environments}</legend>
        <div className={layout.row}>
          <b>{where.environments}</b>
          {ENVIRONMENTS.map((environment) => (
            <Check
              key={environment}
              label={words.environment[environment]}
              checked={draft.environments.includes(environment)}
              onChange={(on) =>
                set({
                  environments: ENVIRONMENTS.filter((one) =>
                    one === environment ? on : draft.environments.includes(one),
                  ),
                })
              }
            />
          ))}
        </div>
        {errorOf('environments') && <p role="alert">{errorOf('environments')}</p>}
      </fieldset>
    </Card>
  );
}
