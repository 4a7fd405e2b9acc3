import { CloudOff, ServerOff, TriangleAlert } from 'lucide-react';
import type { Schemas } from '../../api/client.ts';
import { number } from '../../format.ts';
import { Banner } from '../../ui/banner.tsx';
import { words } from '../../words/index.ts';

/** A worker writes its heartbeat three times a second, and others take it for dead after three seconds. */
export const SILENT_FROM_SECONDS = 10;

/** What needs somebody now: nothing is shown while nothing does. */
export function Alarms({ now }: { now: Schemas['Operations'] }) {
  const { alarms } = words.operations;
  const silent = now.workers.filter(({ silent_seconds: seconds }) => seconds >= SILENT_FROM_SECONDS).length;
  // Of the last one that died there is nobody left to say so.
  const isNobody = silent === now.workers.length;
  return (
    <>
      {isNobody && (
        <Banner look="bad" icon={ServerOff} title={alarms.noWorker}>
          <p>{alarms.noWorkerText}</p>
        </Banner>
      )}
      {!now.temporal.connected && (
        <Banner look="bad" icon={CloudOff} title={alarms.noTemporal}>
          <p>{alarms.noTemporalText}</p>
        </Banner>
      )}
      {silent > 0 && !isNobody && (
        <Banner look="warn" icon={TriangleAlert} title={alarms.silent(number(silent))}>
          <p>{alarms.silentText}</p>
        </Banner>
      )}
    </>
  );
}
