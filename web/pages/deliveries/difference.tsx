import { useQuery } from '@tanstack/react-query';
import type { Attempt, DeliveryWithAttempts } from '../../api/client.ts';
import { api, ask } from '../../api/client.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { At } from '../../ui/time.tsx';
import { words } from '../../words/index.ts';
import { differencesOf } from './differences.ts';
import { escaped } from '../../ui/visible.ts';
import styles from './drawer.module.css';

const MOST_CHARS = 200;
const shortened = (text: string): string =>
  text.length > MOST_CHARS ? `${text.slice(0, MOST_CHARS)}…` : text;

/** What is different from the last delivery to this webhook that arrived. */
export function Difference({ delivery, attempt }: { delivery: DeliveryWithAttempts; attempt: Attempt }) {
  const tenant = useTenant();
  const good = useQuery({
    queryKey: [tenant, 'last-good', delivery.endpoint_id, delivery.id],
    queryFn: async () => {
      const find = async (event_type?: string) => {
        const query = {
          endpoint_id: delivery.endpoint_id,
          status: ['succeeded' as const],
          limit: 1,
          event_type,
        };
        const page = await ask(
          api.GET('/v1/tenants/{tenant}/deliveries', { params: { path: { tenant }, query } }),
        );
        return page.data[0];
      };
      // One of the same type says most.
      const last = (await find(delivery.event_type)) ?? (await find());
      if (!last) return null;
      return ask(
        api.GET('/v1/tenants/{tenant}/deliveries/{id}', { params: { path: { tenant, id: last.id } } }),
      );
    },
    staleTime: 60_000,
  });
  if (!good.isSuccess) return null;
  const { drawer } = words;
  const goodAttempt = good.data?.attempts.findLast(({ error }) => error === null);
  if (!good.data || !goodAttempt) return <p className={styles.id}>{drawer.noGood}</p>;
  const differences = differencesOf({ delivery, attempt }, { delivery: good.data, attempt: goodAttempt });
  return (
    <section className={styles.differs}>
      <h3>
        {drawer.differsFrom} <At time={goodAttempt.started_at} />
      </h3>
      {differences.length === 0 ? (
        <p>{drawer.same}</p>
      ) : (
        <ul>
          {differences.map(({ what, is, was }) => (
            <li key={what}>{escaped(drawer.difference(shortened(what), shortened(is), shortened(was)))}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
