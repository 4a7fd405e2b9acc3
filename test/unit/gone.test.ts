/** Endpoints that answered 410. */
import pino from 'pino';
import { expect, it } from 'vitest';
import { createGone } from '../../src/dispatch/gone.ts';
import type { Endpoint } from '../../src/domain.ts';

const log = pino({ level: 'silent' });
const endpoint = (updatedAtMs: number) => ({ id: 'ep_1', updatedAt: new Date(updatedAtMs) }) as Endpoint;

it('is gone from the moment it is noted, before it has been written down, and until it is changed', async () => {
  let finish = () => {};
  const gone = createGone(() => new Promise((resolve) => (finish = resolve)), log);
  expect(gone.has(endpoint(1))).toBe(false);
  const noted = gone.note(endpoint(1));
  expect(gone.has(endpoint(1))).toBe(true);
  expect(gone.has(endpoint(2))).toBe(false);
  finish();
  await noted;
  expect(gone.has(endpoint(1))).toBe(true);
});

it('is disabled once, however many attempts are answered so', async () => {
  let calls = 0;
  const gone = createGone(async () => void (calls += 1), log);
  await Promise.all([gone.note(endpoint(1)), gone.note(endpoint(1))]);
  await gone.disabled(endpoint(1));
  expect(calls).toBe(1);
});

it('gets nothing while it cannot be disabled, and is disabled by whoever comes next', async () => {
  let isAway = true;
  let calls = 0;
  const gone = createGone(async () => {
    calls += 1;
    if (isAway) throw new Error('Postgres is away');
  }, log);
  await gone.note(endpoint(1));
  expect(gone.has(endpoint(1))).toBe(true);
  await expect(gone.disabled(endpoint(1))).rejects.toThrow('away');
  isAway = false;
  await gone.disabled(endpoint(1));
  await gone.disabled(endpoint(1));
  expect(calls).toBe(3);
});
