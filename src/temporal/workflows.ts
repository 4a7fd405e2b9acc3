import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { SignalDefinition } from '@temporalio/common';
import { wakeLane } from '../../workflows/lane-messages.ts';
import type { LaneInput } from '../../workflows/lane-state.ts';
import {
  cancelDeliveries,
  cancelDelivery,
  retryNow,
  type DeliveryInput,
  type EndpointLabel,
} from '../../workflows/messages.ts';
import type { Carrier } from '../dispatch/carriers.ts';
import type { WorkflowFate } from '../dispatch/lost-workflows.ts';
import { laneOf } from '../ids.ts';
import { searchAttributes } from '../../workflows/messages.ts';
import { DELIVERY_WORKFLOW, tenantDeletion } from './names.ts';
import { attributesOf, detailsOf, inputOf, SUMMARY_CHARS, summaryOf } from './start-options.ts';

/** What the API and the dispatcher ask of Temporal. */
export interface DeliveryWorkflows {
  start(carrier: Carrier): Promise<void>;
  fateOf(workflowId: string): Promise<WorkflowFate>;
  /** Wakes the workflow that carries the delivery; false when there is none at work. */
  signalRetry(workflowId: string, deliveryId: string, after: number): Promise<boolean>;
  /** Wakes the delivery's own workflow or starts it for one manual attempt. */
  startRetry(carrier: Carrier): Promise<void>;
  /** Tells the workflow that these are cancelled, which it carries; false when there is none at work. */
  signalCancel(workflowId: string, deliveryIds: string[]): Promise<boolean>;
  /** Wakes the workflow of an endpoint's lane, or starts it; with a waiting delivery that is to be attempted now. */
  wakeLane(lane: LaneAddress, retry?: string): Promise<void>;
  /** Starts what removes a tenant's rows, unless it is at work. */
  startTenantDeletion(tenantId: string): Promise<void>;
}

export interface LaneAddress {
  tenantId: string;
  endpointId: string;
  /** Null: it is gone. */
  label: EndpointLabel | null;
}

export interface DeliveryWorkflowsOptions {
  /** Throws while Temporal is away. */
  client(): Client;
  taskQueue: string;
  /** A worker of this process shares the client's connection. */
  eager: boolean;
  /** The namespace lacks what our workflows need, though it had it when we connected. */
  onUnprepared(): void;
}

const AT_WORK = new Set<string>(['RUNNING', 'PAUSED', 'CONTINUED_AS_NEW']);
/** Who ends workflows whose history has grown too long, says their last event. */
const SERVER_IDENTITY = 'history-service';

export function createDeliveryWorkflows({
  client,
  taskQueue,
  eager,
  onUnprepared,
}: DeliveryWorkflowsOptions): DeliveryWorkflows {
  const startOptions = (carrier: Carrier) => ({
    taskQueue,
    workflowId: carrier.workflowId,
    args: [inputOf(carrier)] as [DeliveryInput],
    typedSearchAttributes: attributesOf(carrier),
    staticSummary: summaryOf(carrier),
    staticDetails: detailsOf(carrier),
  });

  async function signal<Message>(
    workflowId: string,
    definition: SignalDefinition<[Message?]>,
    message: Message,
  ): Promise<boolean> {
    try {
      await client().workflow.getHandle(workflowId).signal<[Message?]>(definition, message);
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  /** Whether the server ended it, and nobody else. */
  async function endedByServer(workflowId: string, runId: string): Promise<boolean> {
    const { workflowService, options } = client();
    const { history } = await workflowService.getWorkflowExecutionHistoryReverse({
      namespace: options.namespace,
      execution: { workflowId, runId },
      maximumPageSize: 1,
    });
    const end = history?.events?.[0]?.workflowExecutionTerminatedEventAttributes;
    return end?.identity === SERVER_IDENTITY;
  }

  return {
    async start(carrier) {
      try {
        await client().workflow.start(DELIVERY_WORKFLOW, {
          ...startOptions(carrier),
          requestEagerStart: eager,
          // A second start is harmless: the workflow that is there goes on, and one that ended finds the log.
          workflowIdConflictPolicy: 'USE_EXISTING',
        });
      } catch (error) {
        if (isUnprepared(error)) onUnprepared();
        throw error;
      }
    },
    async fateOf(workflowId) {
      try {
        const { status, runId } = await client().workflow.getHandle(workflowId).describe();
        if (AT_WORK.has(status.name)) return 'running';
        if (status.name === 'CANCELLED') return 'terminated';
        if (status.name !== 'TERMINATED') return 'gone';
        return (await endedByServer(workflowId, runId)) ? 'gone' : 'terminated';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return 'gone';
        throw error;
      }
    },
    signalRetry: (workflowId, deliveryId, after) => signal(workflowId, retryNow, { deliveryId, after }),
    async startRetry(carrier) {
      const { deliveryId, progress } = carrier.passengers[0]!;
      await client().workflow.signalWithStart(DELIVERY_WORKFLOW, {
        ...startOptions(carrier),
        signal: retryNow,
        signalArgs: [{ deliveryId, after: progress?.attempts ?? 0 }],
      });
    },
    signalCancel: (workflowId, deliveryIds) =>
      deliveryIds.length === 1
        ? signal(workflowId, cancelDelivery, { deliveryId: deliveryIds[0]! })
        : signal(workflowId, cancelDeliveries, { deliveryIds }),
    async wakeLane({ tenantId, endpointId, label }, retry) {
      const input: LaneInput = { tenantId, endpointId, ...(label ? { endpoint: label } : {}) };
      const name = label ? `${endpointId} (${label.host})` : endpointId;
      const options = {
        taskQueue,
        workflowId: laneOf(endpointId),
        args: [input] as [LaneInput],
        typedSearchAttributes: [
          { key: searchAttributes.tenant, value: tenantId },
          { key: searchAttributes.endpoint, value: [endpointId] },
        ],
        staticSummary: `in order → ${name}`.slice(0, SUMMARY_CHARS),
      };
      const { workflow } = client();
      try {
        await (retry === undefined
          ? workflow.signalWithStart('lane', { ...options, signal: wakeLane })
          : workflow.signalWithStart('lane', {
              ...{ ...options, signal: retryNow, signalArgs: [{ deliveryId: retry }] },
            }));
      } catch (error) {
        if (isUnprepared(error)) onUnprepared();
        throw error;
      }
    },
    async startTenantDeletion(tenantId) {
      await client().workflow.start('deleteTenant', {
        taskQueue,
        workflowId: tenantDeletion(taskQueue, tenantId),
        args: [{ tenantId }],
        workflowIdConflictPolicy: 'USE_EXISTING',
      });
    },
  };
}

/** Its namespace or our search attributes are not there: the server has been emptied, or is another. */
function isUnprepared(error: unknown): boolean {
  const texts: string[] = [];
  for (let one = error; one instanceof Error; one = one.cause) texts.push(`${one.name} ${one.message}`);
  return /search attribute|namespace .*not found/i.test(texts.join(' '));
}
