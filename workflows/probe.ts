import {
  ApplicationFailure,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { ProbeActivities } from '../activities/probe.ts';
import { attemptsQueue } from '../src/temporal/names.ts';

export interface ProbeInput {
  tenantId: string;
  endpointId: string;
  /** How many there were. */
  made?: number;
  /** Before the first; by default five minutes. */
  afterSeconds?: number;
}

const FIRST_SECONDS = 300;
/** Also how late the first probe may be when an endpoint is disabled anew while this sleeps. */
const MAX_SECONDS = 3_600;

/**
 * Tries an endpoint that was disabled because it failed, with an event each time, at growing intervals: until it answers and is enabled
 * for it, or somebody has enabled it, deleted it, or wants no probes.
 */
export async function probe(raw: ProbeInput): Promise<{ end: 'answered' | 'over'; made: number }> {
  const { tenantId, endpointId, afterSeconds = FIRST_SECONDS, ...before } = checkInput(raw);
  const { runId, taskQueue } = workflowInfo();
  const { makeProbe } = proxyActivities<ProbeActivities>({
    taskQueue: attemptsQueue(taskQueue),
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout: '30 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
  });
  let made = before.made ?? 0;
  for (let seconds = afterSeconds; ; seconds = Math.min(2 * seconds, MAX_SECONDS)) {
    setCurrentDetails(`${made} probes were made; the next is in ${seconds} s.`);
    await sleep(seconds * 1_000, { summary: `until probe ${made + 1}` });
    const end = await makeProbe({ tenantId, endpointId, eventId: `probe_${runId}_${made + 1}` });
    if (end !== 'over') made += 1;
    if (end !== 'failed') return { end, made };
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof probe>({ tenantId, endpointId, made, afterSeconds: MAX_SECONDS });
  }
}

/** Somebody may start one by hand: what makes no sense fails at once, in words. */
function checkInput(raw: unknown): ProbeInput {
  const { tenantId, endpointId, made, afterSeconds } = (raw ?? {}) as Record<string, unknown>;
  if (typeof tenantId !== 'string' || typeof endpointId !== 'string')
    throw ApplicationFailure.nonRetryable(
      'This workflow cannot be carried out: its input is {"tenantId": "…", "endpointId": "ep_…"}.',
      'InvalidInput',
    );
  return {
    ...{ tenantId, endpointId },
    ...(isCount(made) ? { made } : {}),
    ...(typeof afterSeconds === 'number' && afterSeconds > 0 && afterSeconds <= MAX_SECONDS
      ? { afterSeconds }
      : {}),
  };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
