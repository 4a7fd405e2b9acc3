import { Choice, TextField } from '../../ui/field.tsx';
import { Card, layout } from '../../ui/layout.tsx';
import { words } from '../../words/index.ts';
import type { SectionProps } from './form.tsx';
import { delaysOf } from './retry-draft.ts';
import { Timeline } from './timeline.tsx';

export function Retries({ draft, set, errorOf, profile }: SectionProps) {
  const { retries } = words.edit;
  return (
    <Card title={retries.title} text={retries.text}>
      <div className={layout.columns}>
        <Choice
          label={retries.kind}
          error={errorOf('retry_interval')}
          value={draft.retries}
          options={(['profile', 'exponential', 'fixed', 'own'] as const).map((value) => ({
            value,
            label: retries.kinds[value],
          }))}
          onChange={(kind) => set({ retries: kind })}
        />
        <TextField
          label={retries.max}
          hint={draft.retries === 'own' ? retries.maxHintOwn : retries.maxHint(profile.max_retries)}
          error={errorOf('max_retries')}
          inputMode="numeric"
          placeholder={draft.retries === 'own' ? '' : String(profile.max_retries)}
          value={draft.maxRetries}
          onChange={(maxRetries) => set({ maxRetries })}
        />
        {draft.retries === 'fixed' && (
          <TextField
            label={retries.delay}
            error={errorOf('retry_delay_seconds')}
            inputMode="numeric"
            value={draft.delay}
            onChange={(delay) => set({ delay })}
          />
        )}
        <TextField
          label={retries.timeout}
          hint={retries.timeoutHint}
          error={errorOf('timeout_seconds')}
          inputMode="numeric"
          placeholder={String(profile.timeout_seconds)}
          value={draft.timeout}
          onChange={(timeout) => set({ timeout })}
        />
      </div>
      {draft.retries === 'own' && (
        <TextField
          mono
          label={retries.schedule}
          hint={retries.scheduleHint}
          error={errorOf('retry_schedule_seconds')}
          placeholder="10, 60, 300, 3600"
          value={draft.schedule}
          onChange={(schedule) => set({ schedule })}
        />
      )}
      <Timeline delays={delaysOf(draft, profile)} jitter={profile.jitter} />
    </Card>
  );
}
