import { lazy, Suspense } from 'react';
import { layout } from '../../ui/layout.tsx';
import { Loading } from '../../ui/states.tsx';
import { Notifications } from './notifications.tsx';
import { Settings } from './settings.tsx';
import { State } from './state.tsx';

const Charts = lazy(async () => ({ default: (await import('./charts.tsx')).Charts }));

export function Overview() {
  return (
    <div className={layout.stack}>
      <State />
      <Suspense fallback={<Loading />}>
        <Charts />
      </Suspense>
      <Settings />
      <Notifications />
    </div>
  );
}
