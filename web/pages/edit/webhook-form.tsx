import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { ApiProblem } from '../../api/client.ts';
import { profilesQuery } from '../../api/queries.ts';
import { isSame } from '../../rebase.ts';
import { useUnsaved } from '../../unsaved.ts';
import { useTyped } from '../../use-typed.ts';
import { useMayChange } from '../../shell/signed-in.tsx';
import { Button, ButtonLink } from '../../ui/button.tsx';
import { layout } from '../../ui/layout.tsx';
import { Failed, Loading } from '../../ui/states.tsx';
import { words } from '../../words/index.ts';
import { Access } from './access.tsx';
import { fieldsOf, type Draft } from './draft.ts';
import { Events } from './events.tsx';
import { Failures } from './failures.tsx';
import { errorFinder, profileOf } from './form.tsx';
import { Limits } from './limits.tsx';
import { Network } from './network.tsx';
import { Retries } from './retries.tsx';
import { Secret } from './secret.tsx';
import { Side } from './side.tsx';
import { Template } from './template.tsx';
import { Where } from './where.tsx';
import styles from './edit.module.css';

interface Props {
  start: Draft;
  /** Of the webhook that is changed; none: a new one. */
  id?: string;
  action: string;
  onSave: (draft: Draft) => Promise<unknown>;
}

/** Fields whose sections are folded away at first: what is wrong with them has to be seen. */
const FOLDED =
  /^(auth|headers|verify_tls|ca|client_certificate|allowed_ips|rate_limit|max_in_flight|ordering|notify|disable_after|probe|template)/;

export function WebhookForm({ start, id, action, onSave }: Props) {
  const mayChange = useMayChange();
  const profiles = useQuery(profilesQuery);
  const { typed: draft, stored, set, both } = useTyped(start);
  useUnsaved(!isSame(draft, stored));
  const save = useMutation({ mutationFn: () => onSave(draft) });
  const errors = save.error instanceof ApiProblem ? save.error.errors : [];
  const [isOpen, setIsOpen] = useState(id !== undefined);

  if (profiles.isPending) return <Loading />;
  if (profiles.isError) return <Failed error={profiles.error} onRetry={() => void profiles.refetch()} />;
  const profile = profileOf(profiles.data, draft.profile);
  const section = { draft, set, profile, errorOf: errorFinder(errors), isNew: id === undefined };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined, {
      onError: (error) => {
        if (error instanceof ApiProblem && error.errors.some(({ path }) => FOLDED.test(path)))
          setIsOpen(true);
      },
    });
  };
  return (
    <form className={styles.page} onSubmit={submit} noValidate>
      <div className={layout.stack}>
        <Where {...section} />
        <Secret {...section} />
        <Events {...section} />
        <Retries {...section} />
        <details
          className={styles.more}
          open={isOpen}
          onToggle={(event) => setIsOpen(event.currentTarget.open)}
        >
          <summary>
            {words.edit.more} <span>{words.edit.moreText}</span>
          </summary>
          {isOpen && (
            <div className={layout.stack}>
              <Access {...section} />
              <Network {...section} />
              <Limits {...section} />
              <Failures {...section} />
              <Template {...section} id={id} />
            </div>
          )}
        </details>
        <footer className={styles.save}>
          {both.length > 0 && (
            <p role="status" className={styles.problem}>
              {words.edit.changedMeanwhile(fieldsOf(stored, draft, both).join(', '))}
            </p>
          )}
          {save.isError && (
            <p role="alert" className={styles.problem}>
              {save.error.message}
            </p>
          )}
          <ButtonLink to={id ? '/webhooks/$id' : '/webhooks'} params={{ id: id ?? '' }}>
            {words.common.cancel}
          </ButtonLink>
          <Button
            type="submit"
            look="primary"
            busy={save.isPending}
            disabled={!mayChange || draft.url.trim() === '' || draft.events.length === 0}
          >
            {action}
          </Button>
        </footer>
      </div>
      <aside className={styles.side} aria-label={words.edit.side.title}>
        <Side draft={draft} />
      </aside>
    </form>
  );
}
