import { useQuery } from '@tanstack/react-query';
import { BookOpen, FileUp, Plus } from 'lucide-react';
import { useState } from 'react';
import { eventCountsQuery, eventTypesQuery, profilesQuery, type Archived } from '../../api/queries.ts';
import type { Schemas } from '../../api/client.ts';
import { useIsAdmin, useTenant } from '../../shell/signed-in.tsx';
import { Button } from '../../ui/button.tsx';
import { Choice, TextField } from '../../ui/field.tsx';
import { Card, layout, PageHead } from '../../ui/layout.tsx';
import { Empty, Failed, Loading } from '../../ui/states.tsx';
import { words } from '../../words/index.ts';
import { groupOf } from '../edit/events-choice.ts';
import { EditDialog } from './edit-dialog.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { Type } from './type.tsx';

type EventType = Schemas['EventType'];

/** What there is to subscribe to, with an example and a schema of each; admins describe it. */
export function EventTypes() {
  const isAdmin = useIsAdmin();
  const [profile, setProfile] = useState('');
  const [archived, setArchived] = useState<Archived>('false');
  const [search, setSearch] = useState('');
  const [edited, setEdited] = useState<EventType | 'new' | null>(null);
  const [isImporting, setIsImporting] = useState(false);
  const types = useQuery(eventTypesQuery(profile || undefined, archived));
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
      <PageHead title={eventTypes.title} text={eventTypes.text}>
        {isAdmin && (
          <>
            <Button onClick={() => setIsImporting(true)}>
              <FileUp size={15} aria-hidden />
              {eventTypes.import.action}
            </Button>
            <Button look="primary" onClick={() => setEdited('new')}>
              <Plus size={16} aria-hidden />
              {eventTypes.create}
            </Button>
          </>
        )}
      </PageHead>
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
        {isAdmin && (
          <Choice
            hideLabel
            label={eventTypes.show}
            value={archived}
            options={[
              { value: 'false', label: eventTypes.shown.current },
              { value: 'true', label: eventTypes.shown.archived },
              { value: 'all', label: eventTypes.shown.all },
            ]}
            onChange={setArchived}
          />
        )}
      </div>
      {types.isPending && <Loading rows={8} />}
      {types.isError && !types.data && <Failed error={types.error} onRetry={() => void types.refetch()} />}
      {types.isSuccess && found.length === 0 && <Empty icon={BookOpen} title={eventTypes.none} />}
      {groups.map(([name, members]) => (
        <Card key={name} title={name} flush>
          <ul>
            {members.map((type) => (
              <Type
                key={type.name}
                type={type}
                count={countOf(type.name)}
                onEdit={isAdmin ? () => setEdited(type) : null}
              />
            ))}
          </ul>
        </Card>
      ))}
      {edited && <EditDialog type={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
      {isImporting && <ImportDialog onClose={() => setIsImporting(false)} />}
    </>
  );
}
