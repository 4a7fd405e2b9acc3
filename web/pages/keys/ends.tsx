import { useState } from 'react';
import { serverNowMs } from '../../clock.ts';
import { Choice, TextField } from '../../ui/field.tsx';
import { words } from '../../words/index.ts';

const DAY_MS = 86_400_000;
/** How long from now; `never`, or a time that is entered. */
const SPANS = {
  never: null,
  hour: DAY_MS / 24,
  day: DAY_MS,
  week: 7 * DAY_MS,
  quarter: 90 * DAY_MS,
  year: 365 * DAY_MS,
} as const;
export type End = keyof typeof SPANS | 'own';

export interface Ending {
  end: End;
  setEnd: (end: End) => void;
  own: string;
  setOwn: (own: string) => void;
  /** What the API is told; undefined: what was entered is no time. */
  expiresAt: () => string | null | undefined;
}

export function useEnding(first: End): Ending {
  const [end, setEnd] = useState<End>(first);
  const [own, setOwn] = useState('');
  return {
    ...{ end, setEnd, own, setOwn },
    expiresAt() {
      if (end === 'own') {
        const at = Date.parse(own);
        return Number.isNaN(at) ? undefined : new Date(at).toISOString();
      }
      const ms = SPANS[end];
      return ms === null ? null : new Date(serverNowMs() + ms).toISOString();
    },
  };
}

/** When a key ends. */
export function EndFields({ ending, options }: { ending: Ending; options: readonly End[] }) {
  const { keys } = words;
  return (
    <>
      <Choice
        label={keys.ends}
        value={ending.end}
        options={options.map((value) => ({ value, label: keys.spans[value] }))}
        onChange={ending.setEnd}
      />
      {ending.end === 'own' && (
        <TextField label={keys.endsAt} type="datetime-local" value={ending.own} onChange={ending.setOwn} />
      )}
    </>
  );
}
