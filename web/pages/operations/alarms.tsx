import { CloudOff, ServerOff, TriangleAlert } from 'lucide-react';
import type { Schemas } from '../../api/client.ts';
import { number } from '../../format.ts';
import { Banner } from '../../ui/banner.tsx';
import { words } from '../../words/index.ts';

/** A worker writes its heartbeat every second. */
export const SILENT_FROM_SECONDS = 10;

/** What needs somebody now: nothing is shown while nothing does. */
export function Alarms({ now }: { now: Schemas['Operations'] }) {
  const { alarms } = words.operations;
  const silent = now.workers.filter(({ silent_seconds: seconds }) => seconds >= SILENT_FROM_SECONDS).length;
  return (
    <>
      {now.workers.length === 0 && (
        <Banner look="bad" icon={ServerOff} title={alarms.noWorker}>
          <p>{alarms.noWorkerText}</p>
        </Banner>
      )}
      {!now.temporal.connected && (
        <Banner look="bad" icon={CloudOff} title={alarms.noTemporal}>
          <p>{alarms.noTemporalText}</p>
        </Banner>
      )}
      {silent > 0 && (
        <Banner look="warn" icon={TriangleAlert} title={alarms.silent(number(silent))}>
          <p>{alarms.silentText}</p>
        </Banner>
      )}
    </>
  );
}
