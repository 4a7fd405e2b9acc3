import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRequestRates } from '../../src/access/request-rates.ts';
import { ROOT, type Credential } from '../../src/access/credential.ts';
import type { Problem } from '../../src/problem.ts';

const credential = (kind: 'key' | 'token', id: string, tenantId: string | null = null): Credential => ({
  ...{ kind, id, name: null, scopes: new Set(['read'] as const), tenantId },
});

function at(limits: { perKey: number | null; perTenantOfTokens: number | null }) {
  let nowMs = 1_000_000;
  const rates = createRequestRates(limits, () => nowMs);
  return {
    pass: (ms: number) => (nowMs += ms),
    /** Seconds to wait, or null. */
    ask(who: Credential): number | null {
      try {
        rates.take(who);
        return null;
      } catch (error) {
        expect((error as Problem).code).toBe('too_many_requests');
        return (error as Problem).retryAfterSeconds!;
      }
    },
  };
}

/** Fractions of a millisecond are rounded. */
const expectAbout = (taken: number, wanted: number) =>
  expect(Math.abs(taken - wanted), `${taken} of ${wanted}`).toBeLessThanOrEqual(1);

it('of a key as many as its rate, after what two seconds bring; whoever waits as told is let through', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 5_000 }), (perKey, idleMs) => {
      const { ask, pass } = at({ perKey, perTenantOfTokens: null });
      const key = credential('key', 'key_1');
      pass(idleMs);
      let taken = 0;
      while (ask(key) === null) taken += 1;
      expectAbout(taken, 2 * perKey);
      const waitSeconds = ask(key)!;
      expect(ask(credential('key', 'key_2'))).toBeNull();
      pass(waitSeconds * 1000);
      expect(ask(key)).toBeNull();
      // What was refused has cost nothing.
      pass(3_000);
      taken = 0;
      while (ask(key) === null) taken += 1;
      expectAbout(taken, 2 * perKey);
    }),
    { numRuns: 100 },
  );
});

it('of all tokens of a tenant together, and of each tenant by itself', () => {
  const { ask } = at({ perKey: null, perTenantOfTokens: 1 });
  expect(ask(credential('token', 'tok_1', 'acme'))).toBeNull();
  expect(ask(credential('token', 'tok_2', 'acme'))).toBeNull();
  expect(ask(credential('token', 'tok_3', 'acme'))).toBe(1);
  expect(ask(credential('token', 'tok_4', 'other'))).toBeNull();
});

it('the root key, and keys where no rate is set, have none', () => {
  const { ask } = at({ perKey: null, perTenantOfTokens: 1 });
  for (let n = 0; n < 1_000; n += 1)
    expect([ask(ROOT), ask(credential('key', 'key_1'))]).toEqual([null, null]);
});
