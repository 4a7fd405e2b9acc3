import {
  ApplicationFailure,
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  setCurrentDetails,
  setDefaultSignalHandler,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { NotifyActivities } from '../activities/notify.ts';
import { noticesQueue } from '../src/temporal/names.ts';
import { code } from './markdown.ts';

export interface NotifyInput {
  tenantId: string;
  endpointId: string;
  /** What earlier runs came to. */
  told?: Record<string, number>;
}

/** There is something new to tell. */
export const look = defineSignal('look');

/**
 * Mails what there is to tell about one endpoint, one notice after the other: waits until it has gathered enough, then sends it;
 * as long as it takes, where the mail server takes nothing. What fails meanwhile is gathered by the next one. Ends when there is nothing to tell.
 */
export async function notify(raw: NotifyInput): Promise<Record<string, number>> {
  const { tenantId, endpointId, told = {} } = checkInput(raw);
  const { nextNotice, sendNotice } = activitiesOf(endpointId);
  let asked = false;
  setHandler(look, () => void (asked = true));
  for (;;) {
    asked = false;
    const next = await nextNotice({ tenantId, endpointId });
    ignoreUnknownSignals();
    if (next === null) {
      if (asked) continue;
      return told;
    }
    if (next.waitMs > 0) {
      const [words, summary] = next.isTriedAgain
        ? ['Some addresses were refused for now; they are tried again', 'tries some addresses again']
        : ['Gathers what fails; a mail is sent', 'gathers what fails'];
      setCurrentDetails(`${words} in ${Math.ceil(next.waitMs / 1_000)} s.`);
      await condition(() => asked, Math.min(next.waitMs, MAX_WAIT_MS), { summary });
      continue;
    }
    setCurrentDetails(
      `Mails \`${next.id}\`: \`/v1/tenants/${code(tenantId)}/notifications?endpoint_id=${code(endpointId)}\` says how far it is.`,
    );
    const end = await sendNotice({ tenantId, endpointId, id: next.id });
    // Each address has its own time: what some wait for keeps nobody from what is next.
    if (end !== 'deferred') told[end] = (told[end] ?? 0) + 1;
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof notify>({ tenantId, endpointId, told });
  }
}

const MAX_WAIT_MS = 24 * 3_600_000;

/** Somebody may start one by hand: what makes no sense fails at once, in words. */
function checkInput(raw: unknown): NotifyInput {
  const { tenantId, endpointId, told } = (raw ?? {}) as Record<string, unknown>;
  if (typeof tenantId === 'string' && typeof endpointId === 'string')
    return { tenantId, endpointId, told: isTally(told) ? told : {} };
  throw ApplicationFailure.nonRetryable(
    'This workflow cannot be carried out: its input is {"tenantId": "…", "endpointId": "ep_…"}.',
    'InvalidInput',
  );
}

const isTally = (value: unknown): value is Record<string, number> =>
  typeof value === 'object' && value !== null && Object.values(value).every(Number.isSafeInteger);

function activitiesOf(endpointId: string) {
  const common = { taskQueue: noticesQueue(workflowInfo().taskQueue), summary: endpointId };
  const { nextNotice } = proxyActivities<NotifyActivities>({
    ...common,
    startToCloseTimeout: '30 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
  });
  const { sendNotice } = proxyActivities<NotifyActivities>({
    ...common,
    // Longer than a mail may take, and the statements around it.
    startToCloseTimeout: '90 seconds',
    retry: { initialInterval: '2 seconds', backoffCoefficient: 3, maximumInterval: '10 minutes' },
  });
  return { nextNotice, sendNotice };
}

/** They wait in the SDK's buffer; this empties it. One whose name is reserved throws, and must fail nothing. */
function ignoreUnknownSignals(): void {
  try {
    setDefaultSignalHandler(() => {});
  } catch {
    // Nothing to do about it.
  } finally {
    setDefaultSignalHandler(undefined);
  }
}
