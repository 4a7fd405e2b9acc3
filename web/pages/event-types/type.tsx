import { useQueryClient } from '@tanstack/react-query';
import { memo, useState } from 'react';
import { api, ask, type Schemas } from '../../api/client.ts';
import { number } from '../../format.ts';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { layout } from '../../ui/layout.tsx';
import { Pill } from '../../ui/status.tsx';
import { words } from '../../words/index.ts';
import { Payload } from '../deliveries/payload.tsx';
import styles from './event-types.module.css';

type EventType = Schemas['EventType'];

export interface TypeProps {
  type: EventType;
  /** Of the last week. */
  count: number;
  /** Null: it may not be changed. */
  onEdit: ((type: EventType) => void) | null;
}

/** One event type: in short, and opened with an example, its schema, and what can be done with it. */
export const Type = memo(function Type({ type, count, onEdit }: TypeProps) {
  const [isOpen, setIsOpen] = useState(false);
  const { eventTypes } = words;
  return (
    <li className={styles.type}>
      <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary>
          <code>{type.name}</code>
          {type.archived && <Pill tone="idle">{eventTypes.archived}</Pill>}
          {type.deprecated && <Pill tone="warn">{eventTypes.deprecated}</Pill>}
          {type.validate && <Pill tone="info">{eventTypes.validated}</Pill>}
          <span className={styles.description}>{type.description}</span>
          <span className={styles.count}>{count > 0 && eventTypes.week(number(count))}</span>
        </summary>
        {isOpen && (
          <div className={styles.details}>
            {type.profiles.length > 0 && (
              <p>
                {eventTypes.inProfiles} {type.profiles.join(', ')}
              </p>
            )}
            {type.example && (
              <>
                <h3>{type.example_is_generated ? eventTypes.madeExample : eventTypes.example}</h3>
                <Payload text={JSON.stringify(type.example)} label={eventTypes.example} />
              </>
            )}
            {type.schema && (
              <>
                <h3>{eventTypes.schema}</h3>
                <Payload text={JSON.stringify(type.schema)} label={eventTypes.schema} />
              </>
            )}
            {onEdit && type.profile === null && <Actions name={type.name} onEdit={() => onEdit(type)} />}
          </div>
        )}
      </details>
    </li>
  );
});

/** Only what is the deployment's own can be changed: what comes with a profile stays. */
function Actions({ name, onEdit }: { name: string; onEdit: () => void }) {
  const queries = useQueryClient();
  const [isAsked, setIsAsked] = useState(false);
  const { eventTypes } = words;
  const remove = async () => {
    await ask(api.DELETE('/v1/event-types/{name}', { params: { path: { name } } }));
    await queries.invalidateQueries({ queryKey: ['event-types'] });
    announce(eventTypes.deleted(name));
  };
  return (
    <div className={layout.row}>
      <Button small aria-label={eventTypes.editOf(name)} onClick={onEdit}>
        {eventTypes.edit}
      </Button>
      <Button small look="quiet" onClick={() => setIsAsked(true)}>
        {eventTypes.delete}
      </Button>
      <Confirm
        danger
        open={isAsked}
        title={eventTypes.deleteTitle(name)}
        text={eventTypes.deleteText}
        action={eventTypes.delete}
        onClose={() => setIsAsked(false)}
        onConfirm={remove}
      />
    </div>
  );
}
