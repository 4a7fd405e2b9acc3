import { seconds } from '../../format.ts';
import { Card, Facts } from '../../ui/layout.tsx';
import { words } from '../../words/index.ts';
import { Timeline } from '../edit/timeline.tsx';
import { useEndpoint } from './endpoint.ts';

/** What it is set to, in short. */
export function Settings() {
  const endpoint = useEndpoint();
  const { settings } = words.webhook;
  const { rate_limit: rate } = endpoint;
  return (
    <Card title={settings.title}>
      <Facts
        facts={[
          [words.webhooks.profile, endpoint.profile],
          [
            words.webhooks.events,
            endpoint.events.includes('*') ? words.webhooks.allEvents : endpoint.events.join(', '),
          ],
          [
            words.edit.where.environments,
            endpoint.environments.map((one) => words.environment[one]).join(', '),
          ],
          [words.edit.where.method, endpoint.method],
          [settings.timeout, seconds(endpoint.timeout_seconds)],
          [settings.rate, rate ? settings.perSecond(rate.per_second, rate.burst) : words.edit.limits.noLimit],
          [
            words.edit.limits.ordering,
            endpoint.ordering === 'fifo' ? words.edit.limits.fifo : words.edit.limits.none,
          ],
          [settings.auth, endpoint.auth ? words.edit.access.kinds[endpoint.auth.type] : words.common.none],
          [settings.id, <code key="id">{endpoint.id}</code>],
        ]}
      />
      <Timeline delays={endpoint.retry_schedule_seconds} jitter={0} />
    </Card>
  );
}
