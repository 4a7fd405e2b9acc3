import { useQuery } from '@tanstack/react-query';
import { matchesAny } from '../../../src/events/pattern.ts';
import { eventTypesQuery } from '../../api/queries.ts';
import { number } from '../../format.ts';
import { Card, layout } from '../../ui/layout.tsx';
import { words } from '../../words/index.ts';
import { inputOf, type Draft } from './draft.ts';
import { Try } from './try.tsx';
import { useWeek } from './week.tsx';
import styles from './edit.module.css';

const SHOWN = 6;

/** Beside the form: what it comes to. */
export function Side({ draft }: { draft: Draft }) {
  const types = useQuery(eventTypesQuery(draft.profile)).data ?? [];
  const week = useWeek(draft.environments);
  const all = [...new Set([...types.map(({ name }) => name), ...week.types])];
  const wanted = all.filter((type) => matchesAny(draft.events, type));
  const frequent = wanted
    .filter((type) => week.countOf(type) > 0)
    .sort((a, b) => week.countOf(b) - week.countOf(a));
  const total = frequent.reduce((sum, type) => sum + week.countOf(type), 0);
  const { side } = words.edit;
  return (
    <Card title={side.title}>
      <div aria-live="polite">
        <p className={styles.big}>{side.types(wanted.length, all.length)}</p>
        {week.isKnown && <p>{side.week(number(total) + (week.isComplete ? '' : '+'))}</p>}
      </div>
      {frequent.length > 0 && (
        <ul className={styles.frequent}>
          {frequent.slice(0, SHOWN).map((type) => (
            <li key={type}>
              <code className={layout.ellipsis}>{type}</code>
              <span>{number(week.countOf(type))}</span>
            </li>
          ))}
          {frequent.length > SHOWN && <li>{side.more(frequent.length - SHOWN)}</li>}
        </ul>
      )}
      <hr className={styles.rule} />
      <h2>{words.edit.tryTitle}</h2>
      <p>{words.edit.tryText}</p>
      <Try input={inputOf(draft)} />
    </Card>
  );
}
