import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api, ask, type Schemas } from '../../api/client.ts';
import { serverNowMs } from '../../clock.ts';
import { milliseconds, number, percent, shortTime } from '../../format.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { Button } from '../../ui/button.tsx';
import { Figures, type Figure } from '../../ui/figures.tsx';
import { Card, layout } from '../../ui/layout.tsx';
import { Failed, Loading, Stale } from '../../ui/states.tsx';
import { words } from '../../words/index.ts';
import { useEndpoint } from './endpoint.ts';
import { Failures } from './failure-bars.tsx';
import { marksOf } from './marks.ts';
import { Plot } from './plot.tsx';
import styles from './webhook.module.css';

type Stats = Schemas['Statistics'];
const DAY_MS = 86_400_000;
const RANGES = { '24h': [1, 'hour'], '7d': [7, 'hour'], '30d': [30, 'day'] } as const;
type Range = keyof typeof RANGES;

export function Charts() {
  const tenant = useTenant();
  const { id } = useEndpoint();
  const [range, setRange] = useState<Range>('24h');
  const [days, interval] = RANGES[range];
  const params = { path: { tenant, id } };
  const stats = useQuery({
    queryKey: [tenant, 'endpoints', id, 'stats', range],
    queryFn: () => {
      const from = new Date(serverNowMs() - days * DAY_MS).toISOString();
      return ask(
        api.GET('/v1/tenants/{tenant}/endpoints/{id}/stats', {
          params: { ...params, query: { interval, from } },
        }),
      );
    },
    refetchInterval: 30_000,
    placeholderData: (before) => before,
  });
  const audit = useQuery({
    queryKey: [tenant, 'audit', id, 'marks'],
    queryFn: () =>
      ask(
        api.GET('/v1/tenants/{tenant}/audit', {
          params: { path: { tenant }, query: { subject_id: id, limit: 100 } },
        }),
      ),
  });
  const { charts } = words.webhook;
  if (stats.isPending) return <Loading />;
  if (!stats.data) return <Failed error={stats.error} onRetry={() => void stats.refetch()} />;
  return (
    <div className={layout.stack}>
      <div className={layout.row} role="group" aria-label={charts.range}>
        {(Object.keys(RANGES) as Range[]).map((one) => (
          <Button
            key={one}
            small
            look={one === range ? 'primary' : 'secondary'}
            aria-pressed={one === range}
            onClick={() => setRange(one)}
          >
            {charts.ranges[one]}
          </Button>
        ))}
      </div>
      {stats.isError && <Stale error={stats.error} onRetry={() => void stats.refetch()} />}
      <Figures figures={figuresOf(stats.data.total)} />
      <Series stats={stats.data} marks={marksOf(audit.data?.data ?? [])} />
      <Failures total={stats.data.total} endpointId={id} />
    </div>
  );
}

function figuresOf(total: Stats['total']): Figure[] {
  const { charts } = words.webhook;
  return [
    { name: charts.attempts, value: number(total.attempts) },
    {
      name: charts.rate,
      value: total.success_rate === null ? '–' : percent(total.success_rate),
      more: charts.failed(number(total.failed)),
    },
    { name: charts.median, value: milliseconds(total.duration_ms.p50) },
    {
      name: charts.p95,
      value: milliseconds(total.duration_ms.p95),
      more: `p99 ${milliseconds(total.duration_ms.p99)}`,
    },
  ];
}

function Series({ stats, marks }: { stats: Stats; marks: ReturnType<typeof marksOf> }) {
  const { charts } = words.webhook;
  const times = useMemo(() => stats.data.map(({ start }) => Date.parse(start) / 1000), [stats]);
  const of = (make: (row: Stats['data'][number]) => number | null) => stats.data.map(make);
  const volume = useMemo(
    () => [
      { name: charts.attempts, color: '--bad', values: of(({ attempts }) => attempts), isFilled: true },
      { name: charts.delivered, color: '--good', values: of(({ delivered }) => delivered), isFilled: true },
    ],
    [stats],
  );
  const success = useMemo(
    () => [
      { name: charts.rate, color: '--good', values: of(({ success_rate: rate }) => rate && rate * 100) },
    ],
    [stats],
  );
  const latency = useMemo(
    () => [
      { name: 'p95', color: '--warn', values: of(({ duration_ms }) => duration_ms.p95) },
      { name: 'p50', color: '--info', values: of(({ duration_ms }) => duration_ms.p50) },
    ],
    [stats],
  );
  const rows = stats.data.filter(({ attempts }) => attempts > 0);
  return (
    <div className={styles.two}>
      <Card title={charts.volume} text={charts.volumeText}>
        <Plot label={charts.volume} times={times} series={volume} marks={marks} isBars />
      </Card>
      <Card title={charts.latency} text={charts.latencyText}>
        <Plot label={charts.latency} times={times} series={latency} marks={marks} unit=" ms" />
      </Card>
      <Card title={charts.rate}>
        <Plot label={charts.rate} times={times} series={success} marks={marks} unit=" %" range={[0, 100]} />
      </Card>
      <Card title={charts.table}>
        <details>
          <summary>{charts.showTable(rows.length)}</summary>
          <table className={layout.table}>
            <thead>
              <tr>
                <th scope="col">{words.common.time}</th>
                <th scope="col">{charts.attempts}</th>
                <th scope="col">{charts.failedWord}</th>
                <th scope="col">p50</th>
                <th scope="col">p95</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.start}>
                  <td>{shortTime(row.start)}</td>
                  <td>{number(row.attempts)}</td>
                  <td>{number(row.failed)}</td>
                  <td>{milliseconds(row.duration_ms.p50)}</td>
                  <td>{milliseconds(row.duration_ms.p95)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      </Card>
    </div>
  );
}
