import { useQueries } from '@tanstack/react-query';
import { SearchX } from 'lucide-react';
import { api, ask } from '../../api/client.ts';
import type { DeliverySearch } from '../../search.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { Button } from '../../ui/button.tsx';
import { layout } from '../../ui/layout.tsx';
import { Empty } from '../../ui/states.tsx';
import { words } from '../../words/index.ts';
import { NO_FILTER, useSetFilter } from './filters.tsx';
import type { DeliveryFilter } from './query.ts';

/** Filter of the API → what is taken out of the address without it. */
const PARTS = [
  ['status', { status: undefined }],
  ['endpoint_id', { endpoint: undefined }],
  ['event_type', { type: undefined }],
  ['environment', { environment: undefined }],
  ['since', { last: undefined, since: undefined, until: undefined }],
] as const satisfies [keyof DeliveryFilter, DeliverySearch][];

/** Nothing fits; without which filter would something? */
export function NoMatch({ filter }: { filter: DeliveryFilter }) {
  const tenant = useTenant();
  const set = useSetFilter();
  const parts = PARTS.filter(([name]) => filter[name] !== undefined);
  const without = useQueries({
    queries: parts.map(([name]) => ({
      queryKey: [tenant, 'deliveries-without', filter, name],
      queryFn: async () => {
        const query = {
          ...filter,
          [name]: undefined,
          ...(name === 'since' && { until: undefined }),
          limit: 200,
        };
        const page = await ask(
          api.GET('/v1/tenants/{tenant}/deliveries', { params: { path: { tenant }, query } }),
        );
        return `${page.data.length}${page.next_cursor ? '+' : ''}`;
      },
    })),
  });
  const { deliveries } = words;
  return (
    <Empty
      icon={SearchX}
      title={deliveries.noMatch}
      action={<Button onClick={() => set(NO_FILTER)}>{words.common.clearFilters}</Button>}
    >
      {parts.length > 1 && (
        <ul className={layout.row}>
          {parts.map(([name, change], index) => {
            const count = without[index]?.data;
            if (!count || count === '0') return null;
            return (
              <li key={name}>
                <Button small onClick={() => set(change)}>
                  {deliveries.without[name]}: {count}
                </Button>
              </li>
            );
          })}
        </ul>
      )}
    </Empty>
  );
}
