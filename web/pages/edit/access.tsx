import { Plus, X } from 'lucide-react';
import { Button } from '../../ui/button.tsx';
import { Choice, TextField } from '../../ui/field.tsx';
import { Card, layout } from '../../ui/layout.tsx';
import { words } from '../../words/index.ts';
import type { SectionProps } from './form.tsx';
import styles from './edit.module.css';

/** What the receiver asks for besides the signature. */
export function Access({ draft, set, errorOf, isNew }: SectionProps) {
  const { access } = words.edit;
  const kinds = (['none', 'bearer', 'basic', 'kept'] as const).filter((kind) => kind !== 'kept' || !isNew);
  const setHeader = (index: number, change: Partial<{ name: string; value: string }>) =>
    set({ headers: draft.headers.map((header, at) => (at === index ? { ...header, ...change } : header)) });
  return (
    <Card title={access.title} text={access.text}>
      <div className={layout.columns}>
        <Choice
          label={access.auth}
          value={draft.auth}
          options={kinds.map((value) => ({ value, label: access.kinds[value] }))}
          onChange={(auth) => set({ auth })}
        />
        {draft.auth === 'bearer' && (
          <TextField
            mono
            type="password"
            label={access.token}
            error={errorOf('auth')}
            value={draft.token}
            onChange={(token) => set({ token })}
          />
        )}
        {draft.auth === 'basic' && (
          <>
            <TextField
              label={access.username}
              error={errorOf('auth')}
              value={draft.username}
              onChange={(username) => set({ username })}
            />
            <TextField
              type="password"
              label={access.password}
              value={draft.password}
              onChange={(password) => set({ password })}
            />
          </>
        )}
      </div>
      <fieldset className={layout.stack}>
        <legend>
          <h3>{access.headers}</h3>
        </legend>
        {draft.headers.map((header, index) => (
          <div key={index} className={styles.pair}>
            <TextField
              hideLabel
              mono
              label={access.headerName(index + 1)}
              placeholder="X-Team"
              error={errorOf(`headers.${header.name}`)}
              value={header.name}
              onChange={(name) => setHeader(index, { name })}
            />
            <TextField
              hideLabel
              mono
              label={access.headerValue(index + 1)}
              placeholder={access.value}
              value={header.value}
              onChange={(value) => setHeader(index, { value })}
            />
            <Button
              square
              look="quiet"
              aria-label={`${words.common.remove}: ${header.name}`}
              onClick={() => set({ headers: draft.headers.filter((_, at) => at !== index) })}
            >
              <X size={15} aria-hidden />
            </Button>
          </div>
        ))}
        <div>
          <Button small onClick={() => set({ headers: [...draft.headers, { name: '', value: '' }] })}>
            <Plus size={14} aria-hidden />
            {access.addHeader}
          </Button>
        </div>
      </fieldset>
    </Card>
  );
}
