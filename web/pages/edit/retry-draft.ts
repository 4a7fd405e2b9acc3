/** What the form says of retries, from what the API answers and back. Pure. */
import { effectiveSchedule } from '../../../src/schedule.ts';
import type { Endpoint, EndpointInput, Profile } from '../../api/types.ts';
import { numberOf } from '../../numbers.ts';
import { isSame } from '../../rebase.ts';

export interface RetryDraft {
  retries: 'profile' | 'exponential' | 'fixed' | 'own';
  maxRetries: string;
  delay: string;
  schedule: string;
}

export const listOf = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

/**
 * The API answers what applies, and does not say where it comes from. What the format gives is taken for the format's, not for typed:
 * it comes to the same, and a list of one's own says as much as it has to by itself.
 */
export function retryDraftOf(endpoint: Endpoint, profile: Profile): RetryDraft {
  const { max_retries: max, retry_schedule_seconds: waits } = endpoint;
  const draft = {
    maxRetries: max === profile.max_retries ? '' : String(max),
    delay: String(endpoint.retry_delay_seconds ?? waits[0] ?? 60),
    schedule: waits.join(', '),
  };
  if (endpoint.retry_interval === 'fixed') return { ...draft, retries: 'fixed' };
  const kinds = ['profile', 'exponential'] as const;
  const retries = kinds.find((kind) => isSame(delaysOf({ ...draft, retries: kind }, profile), waits));
  return retries ? { ...draft, retries } : { ...draft, retries: 'own', maxRetries: '' };
}

/** All of it: what of it is left out would be read together with what is stored, which nobody was shown. */
export function retriesOf({ retries, maxRetries, delay, schedule }: RetryDraft) {
  return {
    max_retries: numberOf(maxRetries),
    retry_interval: retries === 'exponential' || retries === 'fixed' ? retries : null,
    retry_delay_seconds: retries === 'fixed' ? numberOf(delay) : null,
    retry_schedule_seconds: retries === 'own' ? listOf(schedule).map((one) => numberOf(one)!) : null,
  } satisfies Partial<EndpointInput>;
}

/** Seconds before each retry, as the API would work them out. */
export function delaysOf(draft: RetryDraft, profile: Profile): number[] {
  const said = retriesOf(draft);
  const { delaysSeconds, maxRetries } = effectiveSchedule(
    {
      maxRetries: said.max_retries,
      retryInterval: said.retry_interval,
      retryDelaySeconds: said.retry_delay_seconds,
      retryScheduleSeconds: said.retry_schedule_seconds?.length ? said.retry_schedule_seconds : null,
    },
    {
      delaysSeconds: profile.retry_schedule_seconds,
      maxRetries: profile.max_retries,
      jitter: profile.jitter,
    },
    profile.exponential_seconds,
  );
  const count = Number.isFinite(maxRetries) ? Math.min(100, Math.max(0, maxRetries)) : 0;
  return Array.from(
    { length: count },
    (_, retry) => delaysSeconds[Math.min(retry, delaysSeconds.length - 1)] ?? 0,
  );
}
