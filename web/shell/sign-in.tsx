import { useState, type FormEvent } from 'react';
import { ApiProblem, api, ask } from '../api/client.ts';
import { isEmbedded, signIn, useWasRefused } from '../session.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { Empty } from '../ui/states.tsx';
import { words } from '../words/index.ts';
import { Logo } from './logo.tsx';
import styles from './sign-in.module.css';

export function SignIn({ problem: given }: { problem?: string }) {
  const wasRefused = useWasRefused();
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  if (isEmbedded) return <Empty title={wasRefused ? words.signIn.ended : words.signIn.waiting} />;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const credential = key.trim();
    if (credential === '') return;
    setBusy(true);
    try {
      await ask(api.GET('/v1/me', { headers: { Authorization: `Bearer ${credential}` } }));
      signIn({ credential, kind: 'key' });
    } catch (error) {
      const isUnknown = error instanceof ApiProblem && error.status === 401;
      setProblem(isUnknown ? words.signIn.wrong : (error as Error).message);
      setBusy(false);
    }
  };

  const said = problem ?? given ?? (wasRefused ? words.signIn.refused : undefined);
  return (
    <main className={styles.page}>
      <form className={styles.card} onSubmit={(event) => void submit(event)}>
        <Logo size={40} />
        <h1>{words.signIn.title}</h1>
        <p className={styles.text}>{words.signIn.text}</p>
        <TextField
          label={words.signIn.key}
          hint={words.signIn.keyHint}
          error={said}
          type="password"
          autoFocus
          mono
          value={key}
          onChange={setKey}
        />
        <Button type="submit" look="primary" busy={busy}>
          {words.signIn.submit}
        </Button>
      </form>
    </main>
  );
}
