import { DefaultLogger } from '@temporalio/worker';
import type { Logger } from 'pino';

/**
 * What the SDK and its core warn of, in our log: without what is no fault, and with what to do about a fault.
 * `onTaskFailed`: called for every task of a workflow that fails, however often that is said.
 */
export function createSdkLogger(log: Logger, onTaskFailed: () => void): DefaultLogger {
  const reportStuck = createStuckReporter(log);
  return new DefaultLogger('WARN', ({ level, message, meta }) => {
    // Said of the queue for retries, which has none on purpose.
    if (message.startsWith('No workflows registered')) return;
    // A delivery that has failed for good is a customer's failure, and stands in the log of deliveries.
    if (message === 'Workflow failed' && isDeliveryFailed(meta?.error)) return;
    if (message === 'Failing workflow task') {
      onTaskFailed();
      return reportStuck(meta ?? {});
    }
    if (level === 'ERROR') log.error(fieldsOf(meta), message);
    else log.warn(fieldsOf(meta), message);
  });
}

/** `DeliveryFailed`, as workflows/results.ts words it: of an error, its type does not come over from the thread. */
function isDeliveryFailed(error: unknown): boolean {
  return error instanceof Error && / after \d+ attempts?$/.test(error.message);
}

/** Under pino's name for errors: under any other it writes `{}`. */
const fieldsOf = ({ error, ...rest }: Record<string | symbol, unknown> = {}) =>
  error === undefined ? rest : { ...rest, err: error };

const REPORT_EVERY_MS = 10 * 60_000;
const MAX_REMEMBERED = 1_000;

/** Temporal repeats a task that fails, for ever: said once in a while for each workflow. */
function createStuckReporter(log: Logger): (meta: Record<string | symbol, unknown>) => void {
  const reportedAtMs = new Map<unknown, number>();
  return ({ runId, failure }) => {
    const now = performance.now();
    if (now - (reportedAtMs.get(runId) ?? -Infinity) < REPORT_EVERY_MS) return;
    if (reportedAtMs.size >= MAX_REMEMBERED) reportedAtMs.clear();
    reportedAtMs.set(runId, now);
    log.error(
      {
        runId,
        failure: String(failure).slice(0, 2_000),
        find: `temporal workflow list --query 'RunId = "${String(runId)}"'`,
        help: 'docs/operating.md, "A workflow that stands still". Do not terminate it: that cancels its deliveries',
      },
      'the tasks of a workflow keep failing: its deliveries wait until that ends',
    );
  };
}
