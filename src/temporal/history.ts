import { setImmediate } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { fromWire, type AttemptInput, type AttemptResult } from '../../activities/types.ts';
import type { DeliveryInput } from '../../workflows/messages.ts';
import { readOrder } from '../../workflows/read-messages.ts';
import { isLane } from '../ids.ts';
import type { LaneRun } from '../lane-run.ts';
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
const EVENTS_PER_PAGE = 50;
/** So long events are read before others have their turn. */
const SLICE_MS = 3;

/** The story of a delivery as Temporal tells it, oldest run first. Empty when Temporal no longer has it. */
export async function readHistory(
  client: Client,
  workflowIds: string[],
  { id: deliveryId, createdAt, completedAt }: { id: string; createdAt: Date; completedAt: Date | null },
): Promise<HistoryRun[]> {
  const until = completedAt?.getTime() ?? Infinity;
  const runs: (HistoryRun & { startedAt: number })[] = [];
  for (const workflowId of new Set(workflowIds)) {
    for (const run of await listRuns(client, workflowId)) {
      // A lane is older than what stands in it, and goes on without it.
      const isElsewhen = run.startedAt > until || (run.endedAt ?? Infinity) < createdAt.getTime();
      if (isLane(workflowId) && isElsewhen) continue;
      runs.push({
        workflow_id: workflowId,
        run_id: run.runId,
        status: run.status,
        startedAt: run.startedAt,
        entries: await entriesOf(client, { workflowId, runId: run.runId }, deliveryId),
      });
    }
  }
  return runs.sort((a, b) => a.startedAt - b.startedAt).map(({ startedAt: _, ...run }) => run);
}

async function listRuns(client: Client, workflowId: string) {
  const runs = new Map<string, ReturnType<typeof toRun>>();
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

function toRun(run: { runId: string; status: { name: string }; startTime: Date; closeTime?: Date }) {
  return {
    runId: run.runId,
    status: run.status.name.toLowerCase(),
    startedAt: run.startTime.getTime(),
    endedAt: run.closeTime?.getTime() ?? null,
  };
}

/** What an event means for the delivery: nothing, or an entry of that type with those details. */
type Reading = [type: string, details?: object] | undefined;

/**
 * Reads a run's events in their order; some are understood by what earlier ones said. Of a set they hold what hundreds came
 * to: so they are fetched in pages, and others have their turn in between.
 */
async function entriesOf(
  client: Client,
  execution: { workflowId: string; runId: string },
  deliveryId: string,
): Promise<HistoryEntry[]> {
  const read = createReader(deliveryId);
  const entries: HistoryEntry[] = [];
  let nextPageToken: Uint8Array | null | undefined;
  do {
    const page = await client.workflowService.getWorkflowExecutionHistory({
      ...{ namespace: client.options.namespace, execution },
      ...{ maximumPageSize: EVENTS_PER_PAGE, nextPageToken },
    });
    let sliceEndsMs = performance.now() + SLICE_MS;
    for (const event of page.history?.events ?? []) {
      const reading = read(event);
      if (reading) {
        const [type, details] = reading;
        entries.push({ event_id: Number(event.eventId), time: isoTime(event.eventTime), type, ...details });
      }
      if (performance.now() < sliceEndsMs) continue;
      await setImmediate();
      sliceEndsMs = performance.now() + SLICE_MS;
    }
    ({ nextPageToken } = page);
  } while (nextPageToken && nextPageToken.length > 0);
  return entries;
}

function createReader(deliveryId: string): (event: HistoryEvent) => Reading {
  const scheduled = new Map<number, AttemptInput>();
  let carried: string[] = [];
  /** It has never carried another, of a tenant that has no business here: counts and times are of this one. */
  let isAlone = false;
  let firstRound: string[] = [];
  /** Activities of a lane: what they were about, they say at their end. */
  const laneRuns = new Set<number>();

  function begun(input: DeliveryInput | undefined): Reading {
    if (input && !('deliveries' in input)) return ['started'];
    carried = Object.values(input?.deliveries ?? {}).flat();
    isAlone = carried.length === 1 && Object.keys(input?.earlier?.tally ?? {}).length === 0;
    // A later run takes nothing over: it goes on.
    firstRound = input?.earlier ? [] : carried.filter((id) => !input?.progress?.[id]?.ended);
    return ['started', { alone: isAlone }];
  }

  /** A local activity's marker holds its result but not its input: the order is that of the workflow's members. */
  function adopted(result: AttemptResult): Reading {
    return attempt(fromWire(result)[firstRound.indexOf(deliveryId)], 'at once');
  }

  function ordered(eventId: number, input: AttemptInput): Reading {
    scheduled.set(eventId, input);
    const order = input.orders.find(({ id }) => id === deliveryId);
    return order && ['attempt_scheduled', { number: order.number, manual: order.manual ?? false }];
  }

  function worked(run: LaneRun | undefined): Reading {
    const failures = run?.failures?.filter((failure) => failure.deliveryId === deliveryId) ?? [];
    const view = ({ number, atMs, statusCode, message }: LaneRun['failures'][number]) => ({
      ...{ number, started_at: new Date(atMs).toISOString(), status_code: statusCode, message },
    });
    return failures.length > 0 ? ['failed_attempts', { attempts: failures.map(view) }] : undefined;
  }

  function made(scheduledEventId: number, result: Payloads): Reading {
    if (laneRuns.has(scheduledEventId)) return worked(decode<LaneRun>(result));
    const orders = scheduled.get(scheduledEventId)?.orders;
    const index = orders?.findIndex(({ id }) => id === deliveryId) ?? -1;
    return index < 0 ? undefined : attempt(fromWire(decode<AttemptResult>(result))[index], 'by activity');
  }

  /** By whatever name: people see here what they have sent. */
  function message(type: string, name: unknown, input: Payloads): Reading {
    const order = readOrder(decode<unknown>(input));
    const named = typeof order === 'string' ? null : order.deliveryId;
    return named === deliveryId || (named === null && carried.length === 1) ? [type, { name }] : undefined;
  }

  return (event) => {
    if (event.workflowExecutionStartedEventAttributes)
      return begun(decode<DeliveryInput>(event.workflowExecutionStartedEventAttributes.input));
    if (event.markerRecordedEventAttributes?.markerName === 'core_local_activity') {
      const { details, failure } = event.markerRecordedEventAttributes;
      return failure ? ['fault', { message: failure.message }] : adopted(decode(details?.result));
    }
    if (event.activityTaskScheduledEventAttributes?.activityType?.name === 'attempt')
      return ordered(Number(event.eventId), decode(event.activityTaskScheduledEventAttributes.input));
    if (event.activityTaskScheduledEventAttributes?.activityType?.name === 'runLane')
      return void laneRuns.add(Number(event.eventId));
    if (event.activityTaskCompletedEventAttributes) {
      const { scheduledEventId, result } = event.activityTaskCompletedEventAttributes;
      return made(Number(scheduledEventId), result);
    }
    if (event.timerStartedEventAttributes && isAlone)
      return ['timer_started', { seconds: seconds(event.timerStartedEventAttributes.startToFireTimeout) }];
    if (event.timerFiredEventAttributes && isAlone) return ['timer_fired'];
    if (event.workflowExecutionSignaledEventAttributes) {
      const { signalName, input } = event.workflowExecutionSignaledEventAttributes;
      return message('signal', signalName, input);
    }
    if (event.workflowExecutionUpdateAcceptedEventAttributes) {
      const input = event.workflowExecutionUpdateAcceptedEventAttributes.acceptedRequest?.input;
      return message('update', input?.name, input?.args);
    }
    const ended = end(event);
    return ended && (isAlone ? ended : [ended[0]]);
  };
}

const attempt = (outcome: Outcome | undefined, made: string): Reading =>
  outcome && ['attempt', { made, ...outcomeView(outcome) }];

function end(event: HistoryEvent): Reading {
  if (event.workflowExecutionCompletedEventAttributes)
    return ['completed', { result: decode<unknown>(event.workflowExecutionCompletedEventAttributes.result) }];
  if (event.workflowExecutionFailedEventAttributes)
    return ['failed', { message: event.workflowExecutionFailedEventAttributes.failure?.message }];
  if (event.workflowExecutionContinuedAsNewEventAttributes) return ['continued_in_a_new_run'];
  if (event.workflowExecutionCanceledEventAttributes) return ['cancelled'];
  if (event.workflowExecutionTerminatedEventAttributes)
    return ['terminated', { reason: event.workflowExecutionTerminatedEventAttributes.reason }];
  return undefined;
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

/** What cannot be read is nothing of ours: anybody may signal. */
function decode<T>(payloads: Payloads): T {
  const payload = payloads?.payloads?.[0];
  try {
    return (payload ? defaultPayloadConverter.fromPayload(payload) : undefined) as T;
  } catch {
    return undefined as T;
  }
}

const seconds = (time: Time): number => Number(time?.seconds ?? 0) + (time?.nanos ?? 0) / 1e9;
const isoTime = (time: Time): string | null => (time ? new Date(seconds(time) * 1000).toISOString() : null);
