import { Choice, TextField } from '../../ui/field.tsx';
import { Card, layout } from '../../ui/layout.tsx';
import { words } from '../../words/index.ts';
import type { SectionProps } from './form.tsx';

/** Of a new webhook; one that is there has a page for its secret. */
export function Secret({ draft, set, errorOf, profile, isNew }: SectionProps) {
  const { secret } = words.edit;
  const isStandard = profile.signature.scheme === 'standard';
  if (!isNew && !isStandard) return null;
  return (
    <Card title={secret.title} text={isNew ? secret.text : secret.textThere}>
      <div className={layout.columns}>
        {isNew && (
          <Choice
            label={secret.from}
            value={draft.secretFrom}
            options={[
              { value: 'generated', label: secret.generated },
              { value: 'own', label: secret.own },
              ...(profile.secret_optional ? [{ value: 'none' as const, label: secret.none }] : []),
            ]}
            onChange={(secretFrom) => set({ secretFrom })}
          />
        )}
        {isStandard && (
          <Choice
            label={secret.signature}
            hint={secret.signatureHint}
            error={errorOf('signature')}
            value={draft.signature}
            options={(['hmac', 'ed25519', 'both'] as const).map((value) => ({
              value,
              label: secret.signatures[value],
            }))}
            onChange={(signature) => set({ signature })}
          />
        )}
      </div>
      {isNew && draft.secretFrom === 'own' && (
        <TextField
          mono
          required
          label={secret.value}
          hint={secret.valueHint}
          error={errorOf('secret')}
          type="password"
          autoComplete="new-password"
          value={draft.secret}
          onChange={(value) => set({ secret: value })}
        />
      )}
    </Card>
  );
}
