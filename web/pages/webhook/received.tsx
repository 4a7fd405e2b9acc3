import { useMutation } from '@tanstack/react-query';
import { CircleCheck, CircleX } from 'lucide-react';
import { useState } from 'react';
import type { Profile } from '../../api/client.ts';
import { seconds } from '../../format.ts';
import { Button } from '../../ui/button.tsx';
import { TextArea, TextField } from '../../ui/field.tsx';
import { Card } from '../../ui/layout.tsx';
import { useUnsaved } from '../../unsaved.ts';
import { words } from '../../words/index.ts';
import { checkReceived, type Finding } from './check-received.ts';
import styles from './webhook.module.css';

/** A box for what the receiver got: which secret matches it, and if none does, why. */
export function Received({ profile, fresh }: { profile: Profile; fresh: string | null }) {
  const [headers, setHeaders] = useState('');
  const [body, setBody] = useState('');
  const [secret, setSecret] = useState('');
  const [other, setOther] = useState('');
  useUnsaved([headers, body, secret, other].some(Boolean));
  const { received } = words.webhook;
  const given = [secret || fresh || '', other].filter(Boolean);
  const check = useMutation({ mutationFn: () => checkReceived(profile, headers, body, given) });
  return (
    <Card title={received.title} text={received.text}>
      <div className={styles.two}>
        <TextArea
          label={received.headers}
          rows={6}
          placeholder={`${profile.headers.signature}: …`}
          value={headers}
          onChange={setHeaders}
        />
        <TextArea label={received.body} rows={6} value={body} onChange={setBody} />
        <TextField
          mono
          type="password"
          label={received.secret}
          hint={fresh ? received.fresh : undefined}
          value={secret}
          onChange={setSecret}
        />
        <TextField mono type="password" label={received.other} value={other} onChange={setOther} />
      </div>
      <div>
        <Button
          disabled={headers === '' || given.length === 0}
          busy={check.isPending}
          onClick={() => check.mutate()}
        >
          {received.action}
        </Button>
      </div>
      {check.data && <Found finding={check.data} />}
      {check.isError && <p role="alert">{received.impossible}</p>}
    </Card>
  );
}

function Found({ finding }: { finding: Finding }) {
  const isGood = finding.kind === 'match';
  const Icon = isGood ? CircleCheck : CircleX;
  return (
    <p role="status" className={`${styles.found} ${isGood ? styles.good : styles.bad}`}>
      <Icon size={16} aria-hidden />
      <span>{inWords(finding)}</span>
    </p>
  );
}

function inWords(finding: Finding): string {
  const { found } = words.webhook.received;
  if (finding.kind === 'no-header') return found.noHeader(finding.header);
  if (finding.kind === 'none') return found.none;
  const which = finding.secret + 1;
  if (finding.kind !== 'match') return found[finding.kind](which);
  const { ageSeconds: age } = finding;
  return (
    found.match(which) + (age !== null && Math.abs(age) > 300 ? ` ${found.old(seconds(Math.abs(age)))}` : '')
  );
}
