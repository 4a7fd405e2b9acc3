/** Retries in the form of a webhook: what the API answers is what applies, and the form tells what was said from what the format gives. */
import { describe, expect, it } from 'vitest';
import { loadProfiles } from '../../src/profiles/index.ts';
import { effectiveSchedule } from '../../src/schedule.ts';
import type { Endpoint, EndpointInput, Profile } from '../../web/api/types.ts';
import { changesOf, draftOf, fieldsOf } from '../../web/pages/edit/draft.ts';
import { delaysOf } from '../../web/pages/edit/retry-draft.ts';

const known = loadProfiles(null);

function profileOf(name: string): Profile {
  const { schedule, exponentialSeconds } = known.get(name)!;
  return {
    ...{ name, max_retries: schedule.maxRetries, jitter: schedule.jitter },
    ...{ retry_schedule_seconds: schedule.delaysSeconds, exponential_seconds: exponentialSeconds },
  } as Profile;
}

/** As it is answered for a webhook of which this was said. */
function answered(name: string, said: Partial<EndpointInput> = {}): Endpoint {
  const { schedule, exponentialSeconds } = known.get(name)!;
  const { delaysSeconds, maxRetries } = effectiveSchedule(
    {
      maxRetries: said.max_retries ?? null,
      retryInterval: said.retry_interval ?? null,
      retryDelaySeconds: said.retry_delay_seconds ?? null,
      retryScheduleSeconds: said.retry_schedule_seconds ?? null,
    },
    schedule,
    exponentialSeconds,
  );
  return {
    ...{ url: 'https://a.example/', name: null, profile: name, method: 'POST', signature: 'hmac' },
    ...{ events: ['*'], environments: ['production'], timeout_seconds: 15, ordering: 'none' },
    ...{ rate_limit: null, max_in_flight: null, auth: null, headers: {}, verify_tls: true, ca: null },
    ...{ client_certificate: null, allowed_ips: [], notify_on_failure: true, notify_emails: [] },
    ...{ disable_after_days: 5, probe: false, template: null },
    max_retries: maxRetries,
    retry_interval: said.retry_interval ?? 'exponential',
    retry_delay_seconds: said.retry_interval === 'fixed' ? delaysSeconds[0]! : null,
    retry_schedule_seconds: Array.from(
      { length: maxRetries },
      (_, retry) => delaysSeconds[Math.min(retry, delaysSeconds.length - 1)]!,
    ),
  } as unknown as Endpoint;
}

describe.each(known.names())('%s', (name) => {
  const profile = profileOf(name);
  const shown = (said?: Partial<EndpointInput>) => draftOf(answered(name, said), profile);

  it('its own schedule is shown as that, and stays it whatever else is saved', () => {
    const draft = shown();
    expect(draft).toMatchObject({ retries: 'profile', maxRetries: '' });
    expect(changesOf(draft, { ...draft, name: 'Another' })).toEqual({ name: 'Another' });
    expect(delaysOf(draft, profile)).toEqual(answered(name).retry_schedule_seconds);
  });

  it.each([0, 2, 40])('so is it with %s retries at most', (max) => {
    const draft = shown({ max_retries: max });
    expect(draft).toMatchObject({ retries: 'profile', maxRetries: String(max) });
    expect(changesOf(draft, { ...draft, maxRetries: '3' })).toEqual({
      ...{ max_retries: 3, retry_interval: null, retry_delay_seconds: null, retry_schedule_seconds: null },
    });
    expect(fieldsOf(draft, { ...draft, maxRetries: '3' }, ['maxRetries'])).toEqual(['max_retries']);
  });

  it('what was said for this webhook is shown as that', () => {
    expect(shown({ retry_schedule_seconds: [7, 70] })).toMatchObject({
      ...{ retries: 'own', schedule: '7, 70', maxRetries: '' },
    });
    expect(shown({ retry_schedule_seconds: [7, 70], max_retries: 4 })).toMatchObject({
      ...{ retries: 'own', schedule: '7, 70, 70, 70', maxRetries: '' },
    });
    expect(shown({ retry_interval: 'fixed', retry_delay_seconds: 9 })).toMatchObject({
      ...{ retries: 'fixed', delay: '9', maxRetries: '' },
    });
  });

  it('back to it, nothing is left of what was said before', () => {
    const nothing = { retry_interval: null, retry_delay_seconds: null, retry_schedule_seconds: null };
    for (const said of [
      { retry_schedule_seconds: [7, 70] },
      { retry_interval: 'fixed' as const, retry_delay_seconds: 9 },
    ]) {
      const draft = shown(said);
      expect(changesOf(draft, { ...draft, retries: 'profile' })).toEqual({ max_retries: null, ...nothing });
    }
  });
});

it('growing waits are told from the format’s own where they are others', () => {
  const profile = { ...profileOf('standard'), exponential_seconds: [1, 2, 4, 8] };
  const endpoint = { ...answered('standard'), max_retries: 3, retry_schedule_seconds: [1, 2, 4] };
  const draft = draftOf(endpoint, profile);
  expect(draft).toMatchObject({ retries: 'exponential', maxRetries: '3' });
  expect(changesOf(draft, { ...draft, retries: 'profile' })).toMatchObject({ retry_interval: null });
  expect(changesOf(draft, { ...draft, retries: 'profile' })).toHaveProperty('retry_schedule_seconds', null);
});

it('a list that gets longer counts as long as it is', () => {
  const profile = profileOf('standard');
  const draft = draftOf(answered('standard', { retry_schedule_seconds: [7, 70] }), profile);
  expect(changesOf(draft, { ...draft, schedule: '7, 70, 700' })).toMatchObject({
    ...{ max_retries: null, retry_schedule_seconds: [7, 70, 700] },
  });
});
