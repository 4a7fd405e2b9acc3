/** What a process counts, and where it can be read. */
import { collectDefaultMetrics } from 'prom-client';
import type { RequestHandler } from 'express';
import type { Closers } from '../closers.ts';
import type { Config } from '../config.ts';
import { pickPort } from '../embedded/ports.ts';
import type { Queryable } from '../store/pool.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { metricsPage } from './page.ts';
import { startMetricsServer } from './server.ts';
import { watchBacklog } from './watch-backlog.ts';

export interface OpenMetrics {
  metrics: Metrics;
  /** Where the SDK is to show what it counts; null: it counts nothing. */
  temporalAddress: string | null;
  page: RequestHandler;
}

/** METRICS_PORT also decides whether Temporal's SDK counts: that costs some CPU with every workflow. */
export async function openMetrics(config: Config): Promise<OpenMetrics> {
  const metrics = createMetrics();
  collectDefaultMetrics({ register: metrics.registry, eventLoopMonitoringPrecision: 20 });
  const temporalAddress =
    config.metricsPort === null ? null : `127.0.0.1:${await pickPort(0, 'the metrics of the SDK', () => {})}`;
  return { metrics, temporalAddress, page: metricsPage(metrics, temporalAddress) };
}

export interface MetricsDeps extends Pick<OpenMetrics, 'metrics' | 'page'> {
  config: Config;
  /** Asked for the backlog, once in a while. */
  db: Queryable;
  /** GET /readyz. */
  readiness: RequestHandler;
}

/** Opens METRICS_PORT where it is set. Returns the port it listens on. */
export async function serveMetrics(deps: MetricsDeps, closers: Closers): Promise<number | null> {
  watchBacklog(deps.metrics, deps.db);
  const { metricsPort: port, host } = deps.config;
  if (port === null) return null;
  const server = await startMetricsServer({ port, host, metrics: deps.page, readiness: deps.readiness });
  closers.push('the port for metrics', () => server.stop());
  return server.port;
}
