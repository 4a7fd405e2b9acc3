import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { ApiProblem, api, ask, type Schemas } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogBack, DialogFooter } from '../../ui/dialog.tsx';
import { Check, Choice, TextField } from '../../ui/field.tsx';
import { layout } from '../../ui/layout.tsx';
import { useUnsaved } from '../../unsaved.ts';
import { words } from '../../words/index.ts';
import { EndFields, useEnding } from './ends.tsx';
import { KEYS } from './list.tsx';
import styles from './keys.module.css';

export type NewKey = Schemas['NewApiKey'];
type Scope = NewKey['scopes'][number];

const SCOPES: Scope[] = ['publish', 'read', 'manage', 'admin'];
const START: readonly Scope[] = ['publish'];

interface Props {
  open: boolean;
  onClose: () => void;
  onMade: (made: NewKey) => void;
}

export function NewKeyDialog({ open, onClose, onMade }: Props) {
  return (
    <Dialog open={open} title={words.keys.create} onClose={onClose}>
      {open && <Form onMade={onMade} />}
    </Dialog>
  );
}

function Form({ onMade }: Pick<Props, 'onMade'>) {
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Scope[]>(START);
  const [whose, setWhose] = useState<'all' | 'one'>('all');
  const [tenant, setTenant] = useState('');
  const ending = useEnding('never');
  useUnsaved(
    name !== '' ||
      tenant !== '' ||
      whose !== 'all' ||
      ending.end !== 'never' ||
      scopes.join() !== START.join(),
  );
  const make = useMutation({
    mutationFn: () =>
      ask(
        api.POST('/v1/keys', {
          body: {
            name: name.trim(),
            scopes: [...scopes],
            tenant_id: whose === 'one' ? tenant.trim() : null,
            // What is no time is said by the API, too.
            expires_at: ending.expiresAt() ?? (ending.end === 'own' ? ending.own : null),
          },
        }),
      ),
    onSuccess: async (made) => {
      onMade(made);
      await queries.invalidateQueries({ queryKey: KEYS });
    },
  });
  const errors = make.error instanceof ApiProblem ? make.error.errors : [];
  const errorAt = (path: string) => errors.find((error) => error.path.startsWith(path))?.message;
  const isAdmin = scopes.includes('admin');
  const toggle = (scope: Scope, on: boolean) =>
    setScopes(on ? [...scopes, scope] : scopes.filter((other) => other !== scope));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  const { keys } = words;
  const scopeError = errorAt('scopes');
  return (
    <form className={layout.stack} onSubmit={submit}>
      <TextField
        autoFocus
        required
        label={words.common.name}
        hint={keys.nameHint}
        error={errorAt('name')}
        value={name}
        onChange={setName}
      />
      <fieldset className={styles.scopeList}>
        <legend>
          <h3>{keys.may}</h3>
        </legend>
        {SCOPES.map((scope) => (
          <Check
            key={scope}
            label={keys.scopeNames[scope]}
            hint={keys.scopeHints[scope]}
            checked={scopes.includes(scope)}
            onChange={(on) => toggle(scope, on)}
          />
        ))}
        {scopeError && <p role="alert">{scopeError}</p>}
      </fieldset>
      <Choice
        label={keys.whose}
        hint={isAdmin ? keys.adminHint : undefined}
        disabled={isAdmin}
        value={isAdmin ? 'all' : whose}
        options={[
          { value: 'all', label: keys.allTenants },
          { value: 'one', label: keys.oneTenant },
        ]}
        onChange={setWhose}
      />
      {whose === 'one' && !isAdmin && (
        <TextField
          required
          mono
          label={keys.tenantId}
          error={errorAt('tenant_id')}
          value={tenant}
          onChange={setTenant}
        />
      )}
      <EndFields ending={ending} options={['never', 'week', 'quarter', 'year', 'own']} />
      {make.isError && (errors.length === 0 || errorAt('expires_at')) && (
        <p role="alert">{errorAt('expires_at') ?? make.error.message}</p>
      )}
      <DialogFooter>
        <DialogBack />
        <Button
          type="submit"
          look="primary"
          busy={make.isPending}
          disabled={name.trim() === '' || scopes.length === 0}
        >
          {keys.make}
        </Button>
      </DialogFooter>
    </form>
  );
}
