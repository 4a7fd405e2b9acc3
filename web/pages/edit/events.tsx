import { useQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { patternProblem } from '../../../src/events/pattern.ts';
import { eventTypesQuery } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Check, TextField } from '../../ui/field.tsx';
import { Card, layout } from '../../ui/layout.tsx';
import { Failed, Loading } from '../../ui/states.tsx';
import { words } from '../../words/index.ts';
import { besideTree, groupsOf } from './events-choice.ts';
import { EventGroup } from './event-group.tsx';
import type { SectionProps } from './form.tsx';
import { useWeek } from './week.tsx';
import styles from './events.module.css';

/** The catalogue as a tree; beside each type, what last week would have sent. */
export function Events({ draft, set, errorOf }: SectionProps) {
  const types = useQuery(eventTypesQuery(draft.profile));
  const [search, setSearch] = useState('');
  const week = useWeek(draft.environments);
  const { events } = words.edit;
  if (types.isPending) return <Loading />;
  if (types.isError) return <Failed error={types.error} onRetry={() => void types.refetch()} />;

  // What is published and in no catalogue belongs into the tree, too.
  const listed = types.data.filter(({ archived }) => !archived).map(({ name }) => name);
  const all = [...new Set([...listed, ...week.types])].sort();
  const groups = groupsOf(all);
  const descriptions = new Map(types.data.map(({ name, description }) => [name, description]));
  const wanted = search.trim().toLowerCase();
  const shown = groups
    .map((group) => ({ ...group, shown: group.types.filter((type) => type.includes(wanted)) }))
    .filter((group) => group.shown.length > 0);
  const isAll = draft.events.includes('*');
  const error = errorOf('events') ?? (draft.events.length === 0 ? events.atLeastOne : undefined);
  return (
    <Card title={events.title} text={events.text}>
      <div className={styles.top}>
        <Check
          label={events.all}
          hint={events.allHint}
          checked={isAll}
          onChange={(on) => set({ events: on ? ['*'] : [] })}
        />
        <TextField
          hideLabel
          label={events.search}
          placeholder={events.search}
          type="search"
          value={search}
          onChange={setSearch}
        />
      </div>
      {error && <p className={styles.error}>{error}</p>}
      <ul className={styles.tree}>
        {shown.map((group) => (
          <EventGroup
            key={group.name}
            {...{ group, groups, descriptions, week }}
            shown={group.shown}
            patterns={draft.events}
            onChange={(patterns) => set({ events: patterns })}
          />
        ))}
      </ul>
      <Others
        patterns={draft.events}
        beside={besideTree(draft.events, groups)}
        onChange={(patterns) => set({ events: patterns })}
      />
    </Card>
  );
}

function Others(props: { patterns: string[]; beside: string[]; onChange: (patterns: string[]) => void }) {
  const { patterns, beside, onChange } = props;
  const [pattern, setPattern] = useState('');
  const { events } = words.edit;
  const problem = pattern === '' ? null : patternProblem(pattern);
  const add = () => {
    if (pattern === '' || problem) return;
    onChange([...new Set([...patterns.filter((known) => known !== '*'), pattern])]);
    setPattern('');
  };
  return (
    <div className={styles.others}>
      <TextField
        mono
        label={events.other}
        hint={events.otherHint}
        error={problem ?? undefined}
        value={pattern}
        onChange={setPattern}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          add();
        }}
      />
      <Button onClick={add} disabled={pattern === '' || problem !== null}>
        <Plus size={15} aria-hidden />
        {words.common.add}
      </Button>
      {beside.length > 0 && (
        <ul className={layout.row}>
          {beside.map((one) => (
            <li key={one} className={styles.chip}>
              <code>{one}</code>
              <Button
                small
                square
                look="quiet"
                aria-label={`${words.common.remove}: ${one}`}
                onClick={() => onChange(patterns.filter((known) => known !== one))}
              >
                <X size={13} aria-hidden />
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
