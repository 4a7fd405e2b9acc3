import { SandboxBusy, TaskError, TaskLimit, type Sandbox } from '../sandbox/pool.ts';
import type { Metrics } from './metrics.ts';

/** Counts what becomes of the sandbox's tasks. */
export function countSandbox({ sandboxTasks }: Metrics, sandbox: Sandbox): Sandbox {
  return {
    async run(work) {
      try {
        const result = await sandbox.run(work);
        sandboxTasks.inc({ result: 'done' });
        return result;
      } catch (error) {
        sandboxTasks.inc({ result: resultOf(error) });
        throw error;
      }
    },
    stop: () => sandbox.stop(),
  };
}

function resultOf(error: unknown): string {
  if (error instanceof TaskLimit) return 'limit';
  if (error instanceof TaskError) return 'error';
  return error instanceof SandboxBusy ? 'busy' : 'fault';
}
