import { Check, TextField } from '../../ui/field.tsx';
import { Card, layout } from '../../ui/layout.tsx';
import { words } from '../../words/index.ts';
import type { SectionProps } from './form.tsx';

/** Whom it is told, and when we stop. */
export function Failures({ draft, set, errorOf }: SectionProps) {
  const { failures } = words.edit;
  return (
    <Card title={failures.title} text={failures.text}>
      <Check label={failures.notify} checked={draft.notify} onChange={(notify) => set({ notify })} />
      <div className={layout.columns}>
        {draft.notify && (
          <TextField
            label={failures.emails}
            hint={failures.emailsHint}
            error={errorOf('notify_emails')}
            placeholder="ops@example.com, dev@example.com"
            value={draft.emails}
            onChange={(emails) => set({ emails })}
          />
        )}
        <TextField
          label={failures.days}
          hint={failures.daysHint}
          error={errorOf('disable_after_days')}
          inputMode="decimal"
          placeholder={failures.never}
          value={draft.disableAfterDays}
          onChange={(disableAfterDays) => set({ disableAfterDays })}
        />
      </div>
      <Check
        label={failures.probe}
        hint={failures.probeHint}
        checked={draft.probe}
        onChange={(probe) => set({ probe })}
      />
    </Card>
  );
}
