import { Activity, TriangleAlert } from 'lucide-react';
import type { Schemas } from '../../api/client.ts';
import { seconds } from '../../format.ts';
import { Card, layout, Table } from '../../ui/layout.tsx';
import { Pill } from '../../ui/status.tsx';
import { Relative } from '../../ui/time.tsx';
import { words } from '../../words/index.ts';
import { SILENT_FROM_SECONDS } from './alarms.tsx';

/** The processes that make attempts. */
export function Workers({ now }: { now: Schemas['Operations'] }) {
  const { workers } = words.operations;
  return (
    <Card title={workers.title} text={now.workers.length === 0 ? workers.none : workers.text} flush>
      {now.workers.length > 0 && (
        <Table
          label={workers.title}
          head={
            <>
              <th scope="col">{workers.id}</th>
              <th scope="col">{workers.role}</th>
              <th scope="col">{workers.started}</th>
              <th scope="col">{workers.state}</th>
            </>
          }
        >
          {now.workers.map((worker) => {
            const isSilent = worker.silent_seconds >= SILENT_FROM_SECONDS;
            return (
              <tr key={worker.id}>
                <td>
                  <code>{worker.id}</code>
                </td>
                <td>{worker.role}</td>
                <td className={layout.nowrap}>
                  <Relative time={worker.started_at} />
                </td>
                <td>
                  {isSilent ? (
                    <Pill tone="warn" icon={TriangleAlert}>
                      {workers.silent(seconds(Math.round(worker.silent_seconds)))}
                    </Pill>
                  ) : (
                    <Pill tone="good" icon={Activity}>
                      {workers.alive}
                    </Pill>
                  )}
                </td>
              </tr>
            );
          })}
        </Table>
      )}
    </Card>
  );
}
