import type { Dispatch } from '../dispatch/index.ts';
import type { Carrier } from '../dispatch/carriers.ts';
import { createdAtMs } from '../ids.ts';
import { usesSchedule } from '../outcome.ts';
import type { AttemptRecord } from '../store/record-attempts.ts';
import { watch, type Metrics } from './metrics.ts';

/** Counts an attempt that was made, whether or not its row can be written. */
export function countAttempt(metrics: Metrics, { deliveryId, outcome, standing }: AttemptRecord): void {
  metrics.attempts.inc({ class: outcome.errorClass ?? 'succeeded' });
  metrics.attemptSeconds.observe(outcome.durationMs / 1000);
  if (standing.status === 'succeeded' || standing.status === 'failed')
    metrics.deliveriesEnded.inc({ status: standing.status });
  if (outcome.number === 1 && usesSchedule(outcome.trigger))
    metrics.firstAttemptDelaySeconds.observe(
      Math.max(0, outcome.startedAtMs - createdAtMs(deliveryId)) / 1000,
    );
}

/** Starts a workflow, and counts how that went. */
export function countingStarts(metrics: Metrics, start: (carrier: Carrier) => Promise<void>) {
  return async (carrier: Carrier): Promise<void> => {
    try {
      await start(carrier);
      metrics.workflowStarts.inc({ result: 'started' });
      metrics.setSize.observe(carrier.passengers.length);
    } catch (error) {
      metrics.workflowStarts.inc({ result: 'failed' });
      throw error;
    }
  };
}

/** What this process holds at the moment, read when somebody asks. */
export function watchDispatch(
  metrics: Metrics,
  { gate, dispatcher, carriers }: Pick<Dispatch, 'gate' | 'dispatcher' | 'carriers'>,
): void {
  const gauge = (name: string, help: string, read: () => number) => watch(metrics, name, help, read);
  gauge('posthorn_attempts_in_flight', 'Attempts under way', () => gate.inFlight());
  gauge('posthorn_attempts_waiting', 'Attempts that wait for a slot', () => gate.waiting());
  gauge('posthorn_memory_deliveries', 'Deliveries held in memory', () => dispatcher.inMemory().deliveries);
  gauge('posthorn_memory_bytes', 'What they weigh, roughly', () => dispatcher.inMemory().bytes);
  gauge('posthorn_carriers_waiting', 'Deliveries that wait for the start of their workflow', () =>
    carriers.waiting(),
  );
}
