import { Plus } from 'lucide-react';
import { Logo } from '../../shell/logo.tsx';
import { useMayChange } from '../../shell/signed-in.tsx';
import { ButtonLink } from '../../ui/button.tsx';
import { words } from '../../words/index.ts';
import styles from './list.module.css';

/** What stands where the list will be: the way to the first one. */
export function FirstWebhook() {
  const mayChange = useMayChange();
  return (
    <div className={styles.first}>
      <Logo size={56} />
      <h1>{words.webhooks.emptyTitle}</h1>
      <p>{words.webhooks.emptyText}</p>
      <ol className={styles.steps}>
        {words.webhooks.steps.map((step, index) => (
          <li key={step}>
            <b>{index + 1}</b>
            {step}
          </li>
        ))}
      </ol>
      {mayChange ? (
        <ButtonLink to="/webhooks/new" look="primary">
          <Plus size={16} aria-hidden />
          {words.webhooks.create}
        </ButtonLink>
      ) : (
        <p>{words.errors.readOnly}</p>
      )}
    </div>
  );
}
