import { useQuery } from '@tanstack/react-query';
import { FileUp, Plus } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { eventCountsQuery, eventTypesQuery, profilesQuery, type Archived } from '../../api/queries.ts';
import type { Schemas } from '../../api/client.ts';
import { useIsAdmin, useTenant } from '../../shell/signed-in.tsx';
import { Button } from '../../ui/button.tsx';
import { Choice, TextField } from '../../ui/field.tsx';
import { layout, PageHead } from '../../ui/layout.tsx';
import { Failed, Loading } from '../../ui/states.tsx';
import { words } from '../../words/index.ts';
import { countsOf, entriesOf } from './catalogue.ts';
import { EditDialog } from './edit-dialog.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { Types } from './types.tsx';

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
  const counts = useQuery(eventCountsQuery(useTenant())).data?.data;
  const perType = useMemo(() => countsOf(counts ?? []), [counts]);
  // What is typed is shown at once; the list follows when there is time, also when it was read again.
  const wanted = useDeferredValue(search);
  const listed = useDeferredValue(types.data);
  const entries = useMemo(() => listed && entriesOf(listed), [listed]);
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
      {types.data && entries && (
        <Types entries={entries} counts={perType} wanted={wanted} onEdit={isAdmin ? setEdited : null} />
      )}
      {edited && <EditDialog type={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
      {isImporting && <ImportDialog onClose={() => setIsImporting(false)} />}
    </>
  );
}
