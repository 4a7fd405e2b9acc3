import type { Client } from '@temporalio/client';
import { searchAttributes } from '../../workflows/messages.ts';
import { look, type NotifyInput } from '../../workflows/notify.ts';
import { noticeWorkflow, probeWorkflow } from './names.ts';

export interface NoticeWorkflows {
  /** Starts what mails about the endpoint, or tells it that there is something new. */
  tell(tenantId: string, endpointId: string): Promise<void>;
  /** Starts it where it is not at work. */
  ensure(tenantId: string, endpointId: string): Promise<void>;
  /** Starts what tries the endpoint now and then, where it is not at work. */
  probe(tenantId: string, endpointId: string): Promise<void>;
}

/** `client` throws while Temporal is away. */
export function createNoticeWorkflows(client: () => Client, taskQueue: string): NoticeWorkflows {
  const optionsOf = (tenantId: string, endpointId: string) => ({
    taskQueue,
    workflowId: noticeWorkflow(taskQueue, endpointId),
    args: [{ tenantId, endpointId }] as [NotifyInput],
    staticSummary: `mails about ${endpointId}`,
    typedSearchAttributes: [
      { key: searchAttributes.tenant, value: tenantId },
      { key: searchAttributes.endpoint, value: [endpointId] },
    ],
  });
  return {
    async tell(tenantId, endpointId) {
      await client().workflow.signalWithStart('notify', { ...optionsOf(tenantId, endpointId), signal: look });
    },
    async ensure(tenantId, endpointId) {
      await client().workflow.start('notify', {
        ...optionsOf(tenantId, endpointId),
        workflowIdConflictPolicy: 'USE_EXISTING',
      });
    },
    async probe(tenantId, endpointId) {
      await client().workflow.start('probe', {
        ...optionsOf(tenantId, endpointId),
        workflowId: probeWorkflow(taskQueue, endpointId),
        staticSummary: `probes ${endpointId}`,
        workflowIdConflictPolicy: 'USE_EXISTING',
      });
    },
  };
}
