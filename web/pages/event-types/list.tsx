import { useQuery } from '@tanstack/react-query';
import { BookOpen } from 'lucide-react';
import { useState } from 'react';
import { eventCountsQuery, eventTypesQuery, profilesQuery } from '../../api/queries.ts';
import type { Schemas } from '../../api/client.ts';
import { number } from '../../format.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { Choice, TextField } from '../../ui/field.tsx';
import { Card, layout, PageHead } from '../../ui/layout.tsx';
import { Empty, Failed, Loading } from '../../ui/states.tsx';
import { Pill } from '../../ui/status.tsx';
import { words } from '../../words/index.ts';
import { Payload } from '../deliveries/payload.tsx';
import { groupOf } from '../edit/events-choice.ts';
import styles from './event-types.module.css';

type EventType = Schemas['EventType'];

/** What there is to subscribe to, with an example and a schema of each. */
export function EventTypes() {
  const [profile, setProfile] = useState('');
  const [search, setSearch] = useState('');
  const types = useQuery(eventTypesQuery(profile || undefined));
  const profiles = useQuery(profilesQuery).data ?? [];
  const counts = useQuery(eventCountsQuery(useTenant())).data?.data ?? [];
  const countOf = (name: string) =>
    counts.reduce((sum, { type, events }) => sum + (type === name ? events : 0), 0);
  const wanted = search.trim().toLowerCase();
  const found =
    types.data?.filter(({ name, description }) =>
      `${name} ${description ?? ''}`.toLowerCase().includes(wanted),
    ) ?? [];
  const groups = [...Map.groupBy(found, ({ name, group }) => group ?? groupOf(name))];
  const { eventTypes } = words;
  return (
    <>
      <PageHead title={eventTypes.title} text={eventTypes.text} />
      <div className={layout.row} role="search">
        <TextField
          hideLabel
          label={words.edit.events.search}
          placeholder={words.edit.events.search}
          type="search"
          value={search}
          onChange={setSearch}
        />
        <Choice
          hideLabel
          label={words.webhooks.profile}
          value={profile}
          options={[
            { value: '', label: eventTypes.allProfiles },
            ...profiles.map(({ name }) => ({ value: name, label: name })),
          ]}
          onChange={setProfile}
        />
      </div>
      {types.isPending && <Loading rows={8} />}
      {types.isError && !types.data && <Failed error={types.error} onRetry={() => void types.refetch()} />}
      {types.isSuccess && found.length === 0 && <Empty icon={BookOpen} title={eventTypes.none} />}
      {groups.map(([name, members]) => (
        <Card key={name} title={name} flush>
          <ul>
            {members.map((type) => (
              <Type key={type.name} type={type} count={countOf(type.name)} />
            ))}
          </ul>
        </Card>
      ))}
    </>
  );
}

function Type({ type, count }: { type: EventType; count: number }) {
  const [isOpen, setIsOpen] = useState(false);
  const { eventTypes } = words;
  return (
    <li className={styles.type}>
      <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary>
          <code>{type.name}</code>
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
          </div>
        )}
      </details>
    </li>
  );
}
