import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { fromWire, type AttemptInput, type AttemptResult } from '../../activities/types.ts';
import type { DeliveryInput } from '../../workflows/messages.ts';
import type { Outcome } from '../outcome.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Payloads = temporal.api.common.v1.IPayloads | null | undefined;
type Time = { seconds?: unknown; nanos?: number | null } | null | undefined;

export interface HistoryEntry {
  event_id: number;
  time: string | null;
  type: string;
  [detail: string]: unknown;
}

/** One run of a workflow, reduced to what concerns one delivery. */
export interface HistoryRun {
  workflow_id: string;
  run_id: string;
  status: string;
  entries: HistoryEntry[];
}

const MAX_RUNS = 20;

/** The story of a delivery as Temporal tells it, oldest run first. Empty when Temporal no longer has it. */
export async function readHistory(
  client: Client,
  workflowIds: string[],
  deliveryId: string,
): Promise<HistoryRun[]> {
  const runs: (HistoryRun & { startedAt: number })[] = [];
  for (const workflowId of new Set(workflowIds)) {
    for (const run of await listRuns(client, workflowId)) {
      const { events } = await client.workflow.getHandle(workflowId, run.runId).fetchHistory();
      runs.push({
        workflow_id: workflowId,
        run_id: run.runId,
        status: run.status,
        startedAt: run.startedAt,
        entries: entriesFor(events ?? [], deliveryId),
      });
    }
  }
  return runs.sort((a, b) => a.startedAt - b.startedAt).map(({ startedAt: _, ...run }) => run);
}

async function listRuns(client: Client, workflowId: string) {
  const runs = new Map<string, { runId: string; status: string; startedAt: number }>();
  try {
    // The newest is asked for by itself: what is listed may be seconds behind.
    const newest = await client.workflow.getHandle(workflowId).describe();
    runs.set(newest.runId, toRun(newest));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return [];
    throw error;
  }
  const query = `WorkflowId = "${workflowId.replace(/["\\]/g, '')}"`;
  for await (const run of client.workflow.list({ query, pageSize: MAX_RUNS })) {
    if (!runs.has(run.runId)) runs.set(run.runId, toRun(run));
    if (runs.size >= MAX_RUNS) break;
  }
  return [...runs.values()];
}

function toRun(run: { runId: string; status: { name: string }; startTime: Date }) {
  return { runId: run.runId, status: run.status.name.toLowerCase(), startedAt: run.startTime.getTime() };
}

function entriesFor(events: HistoryEvent[], deliveryId: string): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  const scheduled = new Map<number, AttemptInput>();
  let firstRound: string[] = [];
  for (const event of events) {
    const add = (type: string, details: object = {}) =>
      entries.push({ event_id: Number(event.eventId), time: isoTime(event.eventTime), type, ...details });
    const addOutcome = (outcome: Outcome | undefined, made: string) =>
      outcome && add('attempt', { made, ...outcomeView(outcome) });

    if (event.workflowExecutionStartedEventAttributes) {
      const input = decode<DeliveryInput>(event.workflowExecutionStartedEventAttributes.input);
      firstRound = membersOfFirstRound(input);
      add('started', {
        deliveries: Object.values(input.deliveries).reduce((sum, ids) => sum + ids.length, 0),
      });
    } else if (event.markerRecordedEventAttributes?.markerName === 'core_local_activity') {
      const { details, failure } = event.markerRecordedEventAttributes;
      if (failure) add('fault', { message: failure.message });
      else
        addOutcome(
          fromWire(decode<AttemptResult>(details?.result))[firstRound.indexOf(deliveryId)],
          'at once',
        );
    } else if (event.activityTaskScheduledEventAttributes?.activityType?.name === 'attempt') {
      const input = decode<AttemptInput>(event.activityTaskScheduledEventAttributes.input);
      scheduled.set(Number(event.eventId), input);
      const order = input.orders.find(({ id }) => id === deliveryId);
      if (order) add('attempt_scheduled', { number: order.number, manual: order.manual ?? false });
    } else if (event.activityTaskCompletedEventAttributes) {
      const { scheduledEventId, result } = event.activityTaskCompletedEventAttributes;
      const orders = scheduled.get(Number(scheduledEventId))?.orders;
      const index = orders?.findIndex(({ id }) => id === deliveryId) ?? -1;
      if (index >= 0) addOutcome(fromWire(decode<AttemptResult>(result))[index], 'by activity');
    } else if (event.timerStartedEventAttributes) {
      add('timer_started', { seconds: seconds(event.timerStartedEventAttributes.startToFireTimeout) });
    } else if (event.timerFiredEventAttributes) {
      add('timer_fired');
    } else if (event.workflowExecutionSignaledEventAttributes) {
      const { signalName, input } = event.workflowExecutionSignaledEventAttributes;
      if (decode<{ deliveryId?: string }>(input)?.deliveryId === deliveryId)
        add('signal', { name: signalName });
    } else if (event.workflowExecutionCompletedEventAttributes) {
      add('completed', { result: decode<unknown>(event.workflowExecutionCompletedEventAttributes.result) });
    } else if (event.workflowExecutionCanceledEventAttributes) {
      add('cancelled');
    } else if (event.workflowExecutionTerminatedEventAttributes) {
      add('terminated', { reason: event.workflowExecutionTerminatedEventAttributes.reason });
    } else if (event.workflowExecutionFailedEventAttributes) {
      add('failed', { message: event.workflowExecutionFailedEventAttributes.failure?.message });
    }
  }
  return entries;
}

/** A local activity's marker holds its result but not its input: the order is that of the workflow's members. */
function membersOfFirstRound(input: DeliveryInput): string[] {
  return Object.values(input.deliveries)
    .flat()
    .filter((id) => !input.progress?.[id]?.ended);
}

function outcomeView(outcome: Outcome): object {
  if (outcome.kind !== 'attempt') return { outcome: outcome.kind };
  return {
    outcome: outcome.succeeded ? 'succeeded' : 'failed',
    number: outcome.number,
    trigger: outcome.trigger,
    started_at: new Date(outcome.startedAtMs).toISOString(),
    duration_ms: outcome.durationMs,
    status_code: outcome.statusCode,
    error: outcome.errorClass === null ? null : { class: outcome.errorClass, message: outcome.errorMessage },
    excerpt: outcome.excerpt,
  };
}

function decode<T>(payloads: Payloads): T {
  const payload = payloads?.payloads?.[0];
  return (payload ? defaultPayloadConverter.fromPayload(payload) : undefined) as T;
}

const seconds = (time: Time): number => Number(time?.seconds ?? 0) + (time?.nanos ?? 0) / 1e9;
const isoTime = (time: Time): string | null => (time ? new Date(seconds(time) * 1000).toISOString() : null);
