import { Gauge } from 'prom-client';
import { readBacklog, type Backlog } from '../store/backlog.ts';
import { readLaneBacklog, type LaneBacklog } from '../store/lane-backlog.ts';
import { readWorkUnderWay, type WorkUnderWay } from '../store/work-under-way.ts';
import type { Queryable } from '../store/pool.ts';
import type { Metrics } from './metrics.ts';

/** However often it is asked: the table is looked at this seldom. */
const READ_EVERY_MS = 10_000;

/** [name, help, what of the figures it shows] */
type Line<T> = [name: string, help: string, pick: (found: T) => number];

const BACKLOG: Line<Backlog>[] = [
  ['posthorn_backlog_deliveries', 'Open deliveries without a workflow, up to 20,000', (b) => b.waiting],
  ['posthorn_backlog_oldest_seconds', 'Age of the oldest of them', (b) => b.oldestSeconds],
  ['posthorn_retries_overdue', 'Retries due over a minute ago, up to 20,000', (b) => b.overdue],
];
const LANES: Line<LaneBacklog>[] = [
  ['posthorn_lanes', 'Fifo endpoints with something to deliver, up to 20,000', (b) => b.lanes],
  ['posthorn_lanes_overdue', 'Of these, with nobody at work a minute after it was time', (b) => b.overdue],
  ['posthorn_lane_deliveries', 'Deliveries in lanes that have not ended, up to 20,000', (b) => b.deliveries],
  ['posthorn_lane_oldest_seconds', 'Age of the oldest that others wait for', (b) => b.oldestSeconds],
];

const WORK: Line<WorkUnderWay>[] = [
  [
    'posthorn_notices_waiting',
    'Notices that gather, or are to be mailed, up to 20,000',
    (w) => w.noticesWaiting,
  ],
  ['posthorn_replays_running', 'Replays that have not ended and are not paused', (w) => w.replaysRunning],
  ['posthorn_replays_paused', 'Replays that are paused', (w) => w.replaysPaused],
  ['posthorn_releases_running', 'Endpoints that let go of what they held, bit by bit', (w) => w.releases],
];

/** What waits in the table, of all processes: the same figure from each. Absent while Postgres is away. */
export function watchBacklog(metrics: Metrics, db: Queryable): void {
  watch(metrics, () => readBacklog(db), BACKLOG);
  watch(metrics, () => readLaneBacklog(db), LANES);
  watch(metrics, () => readWorkUnderWay(db), WORK);
}

function watch<T>({ registry }: Metrics, read: () => Promise<T>, lines: Line<T>[]): void {
  let readAtMs = -Infinity;
  let reading: Promise<T | null> = Promise.resolve(null);

  function current(): Promise<T | null> {
    if (performance.now() - readAtMs < READ_EVERY_MS) return reading;
    readAtMs = performance.now();
    reading = read().catch(() => null);
    return reading;
  }

  for (const [name, help, pick] of lines) {
    new Gauge({
      registers: [registry],
      name,
      help,
      async collect() {
        const found = await current();
        if (found) this.set(pick(found));
        else this.reset();
      },
    });
  }
}
