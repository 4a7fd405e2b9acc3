import type { RequestHandler } from 'express';
import type { Metrics } from './metrics.ts';

const TEMPORAL_TIMEOUT_MS = 1_000;

/**
 * Everything there is to scrape, in the format of Prometheus: ours, and what Temporal's SDK counts. The SDK serves that
 * on an address of its own, loopback only.
 */
export function metricsPage(metrics: Metrics, temporalAddress: string | null): RequestHandler {
  return async (_request, response) => {
    const [ours, theirs] = await Promise.all([
      metrics.registry.metrics(),
      temporalAddress === null ? '' : temporalMetrics(temporalAddress),
    ]);
    response.type(metrics.registry.contentType).send(ours + theirs);
  };
}

async function temporalMetrics(address: string): Promise<string> {
  try {
    const signal = AbortSignal.timeout(TEMPORAL_TIMEOUT_MS);
    const answer = await fetch(`http://${address}/metrics`, { signal });
    return answer.ok ? await answer.text() : '';
  } catch {
    return '';
  }
}
