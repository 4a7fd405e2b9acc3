import { BookOpen } from 'lucide-react';
import { memo, useMemo } from 'react';
import { Card } from '../../ui/layout.tsx';
import { Empty } from '../../ui/states.tsx';
import { words } from '../../words/index.ts';
import { search, type Entry } from './catalogue.ts';
import { Type, type TypeProps } from './type.tsx';
import { useGrowing } from './use-growing.ts';

interface Props {
  entries: readonly Entry[];
  counts: ReadonlyMap<string, number>;
  wanted: string;
  onEdit: TypeProps['onEdit'];
}

/** Those that are searched for, in their groups. */
export const Types = memo(function Types({ entries, counts, wanted, onEdit }: Props) {
  const found = useMemo(() => search(entries, wanted), [entries, wanted]);
  const shown = useGrowing(found.length);
  if (found.length === 0) return <Empty icon={BookOpen} title={words.eventTypes.none} />;
  return [...Map.groupBy(found.slice(0, shown), ({ group }) => group)].map(([name, members]) => (
    <Card key={name} title={name} flush>
      <ul>
        {members.map(({ type }) => (
          <Type key={type.name} type={type} count={counts.get(type.name) ?? 0} onEdit={onEdit} />
        ))}
      </ul>
    </Card>
  ));
});
