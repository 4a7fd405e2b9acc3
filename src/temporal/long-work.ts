import type { Client } from '@temporalio/client';
import type { ReleaseInput } from '../../activities/release.ts';
import type { ReplayInput } from '../../activities/replay.ts';
import { look, searchAttributes } from '../../workflows/messages.ts';
import { releaseOf, replayOf } from './names.ts';

/** What a workflow of its own carries out. `wake`: it looks at once; it is started where it is not at work. `ensure`: that alone. */
export interface ReplayWorkflows {
  wakeReplay(replay: ReplayIds): Promise<void>;
}

export interface ReleaseWorkflows {
  wakeRelease(release: ReleaseIds): Promise<void>;
  ensureRelease(release: ReleaseIds): Promise<void>;
}

interface ReleaseIds {
  tenantId: string;
  endpointId: string;
}

interface ReplayIds extends ReleaseIds {
  id: string;
}

export interface LongWorkOptions {
  /** Throws while Temporal is away. */
  client(): Client;
  taskQueue: string;
}

export function createLongWork({ client, taskQueue }: LongWorkOptions): ReplayWorkflows & ReleaseWorkflows {
  const optionsOf = (workflowId: string, input: ReleaseInput | ReplayInput, endpointId: string) => ({
    taskQueue,
    workflowId,
    args: [input],
    typedSearchAttributes: [
      { key: searchAttributes.tenant, value: input.tenantId },
      { key: searchAttributes.endpoint, value: [endpointId] },
    ],
    staticSummary: `→ ${endpointId}`,
  });
  const ofReplay = ({ tenantId, id, endpointId }: ReplayIds) =>
    optionsOf(replayOf(taskQueue, id), { tenantId, replayId: id }, endpointId);
  const ofRelease = ({ tenantId, endpointId }: ReleaseIds) =>
    optionsOf(releaseOf(taskQueue, endpointId), { tenantId, endpointId }, endpointId);

  async function wake(type: string, options: ReturnType<typeof optionsOf>): Promise<void> {
    await client().workflow.signalWithStart(type, { ...options, signal: look });
  }

  async function ensure(type: string, options: ReturnType<typeof optionsOf>): Promise<void> {
    await client().workflow.start(type, { ...options, workflowIdConflictPolicy: 'USE_EXISTING' });
  }

  return {
    wakeReplay: (replay) => wake('replay', ofReplay(replay)),
    wakeRelease: (release) => wake('release', ofRelease(release)),
    ensureRelease: (release) => ensure('release', ofRelease(release)),
  };
}
