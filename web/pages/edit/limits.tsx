import { Choice, TextField } from '../../ui/field.tsx';
import { Card, layout } from '../../ui/layout.tsx';
import { words } from '../../words/index.ts';
import type { SectionProps } from './form.tsx';

/** How much at a time, and in which order. */
export function Limits({ draft, set, errorOf }: SectionProps) {
  const { limits } = words.edit;
  return (
    <Card title={limits.title} text={limits.text}>
      <div className={layout.columns}>
        <TextField
          label={limits.rate}
          hint={limits.rateHint}
          error={errorOf('rate_limit')}
          inputMode="decimal"
          placeholder={limits.noLimit}
          value={draft.perSecond}
          onChange={(perSecond) => set({ perSecond })}
        />
        {draft.perSecond.trim() !== '' && (
          <TextField
            label={limits.burst}
            inputMode="numeric"
            placeholder="1"
            value={draft.burst}
            onChange={(burst) => set({ burst })}
          />
        )}
        <TextField
          label={limits.inFlight}
          error={errorOf('max_in_flight')}
          inputMode="numeric"
          placeholder={limits.noLimit}
          value={draft.maxInFlight}
          onChange={(maxInFlight) => set({ maxInFlight })}
        />
        <Choice
          label={limits.ordering}
          hint={draft.ordering === 'fifo' ? limits.fifoHint : undefined}
          error={errorOf('ordering')}
          value={draft.ordering}
          options={[
            { value: 'none', label: limits.none },
            { value: 'fifo', label: limits.fifo },
          ]}
          onChange={(ordering) => set({ ordering })}
        />
      </div>
    </Card>
  );
}
