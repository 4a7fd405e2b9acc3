import { useQuery } from '@tanstack/react-query';
import { PageHead } from '../../ui/layout.tsx';
import { Failed, Loading, Stale } from '../../ui/states.tsx';
import { words } from '../../words/index.ts';
import { Alarms } from './alarms.tsx';
import { FailingEndpoints } from './failing.tsx';
import { Notices } from './notices.tsx';
import { operationsQuery } from './queries.ts';
import { Standing } from './standing.tsx';
import { Volumes } from './volumes.tsx';
import { Workers } from './workers.tsx';

/** How the deployment does, over all tenants. */
export function OperationsPage() {
  const now = useQuery(operationsQuery);
  const { operations } = words;
  return (
    <>
      <PageHead title={operations.title} text={operations.text} />
      {now.isPending && <Loading />}
      {now.isError && !now.data && <Failed error={now.error} onRetry={() => void now.refetch()} />}
      {now.isError && now.data && <Stale error={now.error} onRetry={() => void now.refetch()} />}
      {now.data && (
        <>
          <Alarms now={now.data} />
          <Standing now={now.data} />
          <FailingEndpoints />
          <Volumes />
          <Notices />
          <Workers now={now.data} />
        </>
      )}
    </>
  );
}
