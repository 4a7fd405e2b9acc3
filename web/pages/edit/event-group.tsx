import { Link } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { matchesAny } from '../../../src/events/pattern.ts';
import { Button } from '../../ui/button.tsx';
import { words } from '../../words/index.ts';
import { stateOf, toggleGroup, toggleType, type Group } from './events-choice.ts';
import type { Week } from './week.tsx';
import styles from './events.module.css';

interface Props {
  group: Group;
  groups: Group[];
  shown: string[];
  descriptions: ReadonlyMap<string, string | null>;
  patterns: string[];
  week: Week;
  onChange: (patterns: string[]) => void;
}

export function EventGroup({ group, groups, shown, descriptions, patterns, week, onChange }: Props) {
  const state = stateOf(patterns, group);
  const box = useRef<HTMLInputElement>(null);
  const [isOpen, setIsOpen] = useState(state === 'some');
  const isSearched = shown.length < group.types.length;
  useEffect(() => {
    if (box.current) box.current.indeterminate = state === 'some';
  }, [state]);
  const { events } = words.edit;
  const total = group.types.reduce((sum, type) => sum + week.countOf(type), 0);
  const open = isOpen || isSearched;
  return (
    <li className={styles.group}>
      <div className={styles.line}>
        <label className={styles.tick}>
          <input
            ref={box}
            type="checkbox"
            checked={state === 'all'}
            onChange={(event) => onChange(toggleGroup(patterns, groups, group, event.target.checked))}
          />
          <code>{group.name}.*</code>
        </label>
        <span className={styles.count}>{events.week(total)}</span>
        <Button
          small
          look="quiet"
          aria-expanded={open}
          aria-label={events.typesOf(group.types.length, group.name)}
          onClick={() => setIsOpen(!isOpen)}
        >
          <ChevronRight size={15} aria-hidden className={open ? styles.turned : ''} />
          {group.types.length}
        </Button>
      </div>
      {open && (
        <ul className={styles.types}>
          {shown.map((type) => (
            <li key={type} className={styles.line}>
              <label className={styles.tick}>
                <input
                  type="checkbox"
                  checked={matchesAny(patterns, type)}
                  onChange={(event) =>
                    onChange(toggleType(patterns, groups, group, type, event.target.checked))
                  }
                />
                <span>
                  <code>{type}</code>
                  <small>{descriptions.get(type)}</small>
                </span>
              </label>
              <Sample type={type} week={week} />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** How many there were, leading to a real one. */
function Sample({ type, week }: { type: string; week: Week }) {
  const id = week.lastOf(type);
  const text = words.edit.events.week(week.countOf(type));
  if (id === null) return <span className={styles.count}>{text}</span>;
  return (
    <Link
      to="/events/$id"
      params={{ id }}
      target="_blank"
      className={styles.count}
      title={words.edit.events.sample}
    >
      {text}
    </Link>
  );
}
