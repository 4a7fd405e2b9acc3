import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { cancelDelivery, retryNow, searchAttributes, type DeliveryInput } from '../../workflows/messages.ts';
import type { Carrier } from '../dispatch/carriers.ts';
import type { WorkflowFate } from '../dispatch/sweep.ts';
import { DELIVERY_WORKFLOW } from './names.ts';

/** What the API and the dispatcher ask of Temporal. */
export interface DeliveryWorkflows {
  start(carrier: Carrier): Promise<void>;
  fateOf(workflowId: string): Promise<WorkflowFate>;
  /** Wakes the workflow that carries the delivery; false when there is none at work. */
  signalRetry(workflowId: string, deliveryId: string, after: number): Promise<boolean>;
  /** Wakes the delivery's own workflow or starts it for one manual attempt. */
  startRetry(carrier: Carrier): Promise<void>;
  signalCancel(workflowId: string, deliveryId: string): Promise<boolean>;
}

export interface DeliveryWorkflowsOptions {
  /** Throws while Temporal is away. */
  client(): Client;
  taskQueue: string;
  /** A worker of this process shares the client's connection. */
  eager: boolean;
}

export function createDeliveryWorkflows({
  client,
  taskQueue,
  eager,
}: DeliveryWorkflowsOptions): DeliveryWorkflows {
  const startOptions = (carrier: Carrier) => ({
    taskQueue,
    workflowId: carrier.workflowId,
    args: [inputOf(carrier)] as [DeliveryInput],
    typedSearchAttributes: attributesOf(carrier),
    staticSummary: summaryOf(carrier),
    staticDetails: detailsOf(carrier),
  });

  async function signal(
    workflowId: string,
    definition: typeof retryNow | typeof cancelDelivery,
    message: { deliveryId: string; after?: number },
  ): Promise<boolean> {
    try {
      await client().workflow.getHandle(workflowId).signal(definition, message);
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  return {
    async start(carrier) {
      await client().workflow.start(DELIVERY_WORKFLOW, {
        ...startOptions(carrier),
        requestEagerStart: eager,
        // A second start is harmless: the workflow that is there goes on, and one that ended finds the log.
        workflowIdConflictPolicy: 'USE_EXISTING',
      });
    },
    async fateOf(workflowId) {
      try {
        const { status } = await client().workflow.getHandle(workflowId).describe();
        if (status.name === 'RUNNING' || status.name === 'PAUSED') return 'running';
        return status.name === 'TERMINATED' || status.name === 'CANCELLED' ? 'terminated' : 'gone';
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
    signalCancel: (workflowId, deliveryId) => signal(workflowId, cancelDelivery, { deliveryId }),
  };
}

function inputOf(carrier: Carrier): DeliveryInput {
  const input: DeliveryInput = { deliveries: {} };
  for (const { endpointId, deliveryId, progress } of carrier.passengers) {
    (input.deliveries[endpointId] ??= []).push(deliveryId);
    if (progress) (input.progress ??= {})[deliveryId] = progress;
  }
  if (carrier.succeeded) input.succeeded = true;
  return input;
}

const distinct = (values: string[]): string[] => [...new Set(values)];

function attributesOf({ passengers, succeeded }: Carrier) {
  const tenants = distinct(passengers.map((p) => p.tenantId));
  const attributes = [
    { key: searchAttributes.endpoint, value: distinct(passengers.map((p) => p.endpointId)) },
    { key: searchAttributes.eventType, value: distinct(passengers.map((p) => p.eventType)).slice(0, 15) },
    ...(succeeded ? [{ key: searchAttributes.outcome, value: ['succeeded'] }] : []),
  ];
  return [
    { key: searchAttributes.tenant, value: tenants.length === 1 ? tenants[0]! : '(several)' },
    ...attributes,
  ];
}

function summaryOf({ passengers }: Carrier): string {
  const first = passengers[0]!;
  if (passengers.length === 1) return `${first.eventType} → ${first.endpointId}`;
  const endpoints = distinct(passengers.map((p) => p.endpointId)).length;
  return `${passengers.length} deliveries to ${endpoints === 1 ? first.endpointId : `${endpoints} endpoints`}`;
}

function detailsOf({ passengers }: Carrier): string {
  const shown = passengers
    .slice(0, 10)
    .map((p) => `- \`${p.deliveryId}\`: ${p.eventType}, event \`${p.eventId}\`, tenant \`${p.tenantId}\``);
  const more = passengers.length - shown.length;
  return shown.join('\n') + (more > 0 ? `\n- and ${more} more (the input has all ids)` : '');
}
