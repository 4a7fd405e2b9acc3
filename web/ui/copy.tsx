import { Check, Copy as CopyIcon } from 'lucide-react';
import { useState } from 'react';
import { words } from '../words/index.ts';
import { announce } from './announce.tsx';
import { Button } from './button.tsx';

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    announce(words.common.copied);
    return true;
  } catch {
    announce(words.common.notCopied, 'bad');
    return false;
  }
}

export function Copy({ text, label, withWord }: { text: string; label: string; withWord?: boolean }) {
  const [isDone, setIsDone] = useState(false);
  const Icon = isDone ? Check : CopyIcon;
  const copy = async () => {
    if (!(await copyText(text))) return;
    setIsDone(true);
    setTimeout(() => setIsDone(false), 1_500);
  };
  return (
    <Button
      look={withWord ? 'secondary' : 'quiet'}
      small
      square={!withWord}
      aria-label={label}
      onClick={() => void copy()}
    >
      <Icon size={14} aria-hidden />
      {withWord && (isDone ? words.common.copied : words.common.copy)}
    </Button>
  );
}
