import { Link } from '@tanstack/react-router';
import type { DeliveryWithAttempts } from '../../api/client.ts';
import { words } from '../../words/index.ts';
import { useEndpointNames } from './endpoint-names.ts';
import styles from './drawer.module.css';

/** What it belongs to, and why there is one. */
export function DrawerFacts({ delivery }: { delivery: DeliveryWithAttempts }) {
  const names = useEndpointNames();
  const { drawer } = words;
  const { event_id: event, endpoint_id: endpoint, replay_id: replay } = delivery;
  return (
    <dl className={styles.facts}>
      <div>
        <dt>{drawer.webhook}</dt>
        <dd>
          <Link to="/webhooks/$id" params={{ id: endpoint }}>
            {names.get(endpoint) ?? endpoint}
          </Link>
        </dd>
      </div>
      <div>
        <dt>{drawer.event}</dt>
        <dd>
          <Link to="/events/$id" params={{ id: event }}>
            {event}
          </Link>
        </dd>
      </div>
      <div>
        <dt>{drawer.trigger}</dt>
        <dd>
          {words.trigger[delivery.trigger]}
          {replay && (
            <Link to="/replays/$id" params={{ id: replay }}>
              {' '}
              {replay.slice(0, 14)}…
            </Link>
          )}
        </dd>
      </div>
      <div>
        <dt>{drawer.environment}</dt>
        <dd>{words.environment[delivery.environment]}</dd>
      </div>
      {delivery.ordered && (
        <div>
          <dt>{drawer.ordered}</dt>
          <dd>{delivery.ordering_key ?? drawer.noKey}</dd>
        </div>
      )}
    </dl>
  );
}
