import { effectiveSchedule } from '../../../src/schedule.ts';
import type { Profile } from '../../api/client.ts';
import { Choice, TextField } from '../../ui/field.tsx';
import { Card, layout } from '../../ui/layout.tsx';
import { words } from '../../words/index.ts';
import { inputOf, type Draft } from './draft.ts';
import type { SectionProps } from './form.tsx';
import { Timeline } from './timeline.tsx';

/** Seconds before each retry, as the API would work them out. */
export function delaysOf(draft: Draft, profile: Profile): number[] {
  const { max_retries, retry_interval, retry_delay_seconds, retry_schedule_seconds } = inputOf(draft);
  const { delaysSeconds, maxRetries } = effectiveSchedule(
    {
      maxRetries: max_retries ?? null,
      retryInterval: retry_interval ?? null,
      retryDelaySeconds: retry_delay_seconds ?? null,
      retryScheduleSeconds: retry_schedule_seconds?.length ? retry_schedule_seconds : null,
    },
    {
      delaysSeconds: profile.retry_schedule_seconds,
      maxRetries: profile.max_retries,
      jitter: profile.jitter,
    },
    profile.exponential_seconds,
  );
  const count = Number.isFinite(maxRetries) ? Math.min(100, Math.max(0, maxRetries)) : 0;
  return Array.from(
    { length: count },
    (_, retry) => delaysSeconds[Math.min(retry, delaysSeconds.length - 1)] ?? 0,
  );
}

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
          hint={retries.maxHint(profile.max_retries)}
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
