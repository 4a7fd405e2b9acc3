/** Claims of attempts: given back when nothing was sent, whatever goes wrong, and never those of a later try. */
import { beforeEach, expect, it, vi } from 'vitest';
import { createAttemptClaims, type AttemptClaims } from '../../src/dispatch/attempt-claims.ts';
import type { Outcome } from '../../src/outcome.ts';
import type { Queryable } from '../../src/store/pool.ts';
import { until } from '../support/until.ts';

/** Deliveries and who has claimed their next attempt. */
let claimedBy: Map<string, number | null>;
let fails: number;
let losesAnswers: number;
let me: { id: number | null; certain(): Promise<void> };
let claims: AttemptClaims;

const db = {
  async query({ name, values }: { name: string; values: unknown[] }) {
    await Promise.resolve();
    if (fails > 0) {
      fails -= 1;
      throw new Error('away');
    }
    const rows = name === 'claim-attempts' ? claim(values) : release(values);
    if (losesAnswers > 0) {
      losesAnswers -= 1;
      throw new Error('connection lost');
    }
    return { rows };
  },
} as unknown as Queryable;

function claim(values: unknown[]): object[] {
  const processId = values[4] as number;
  return (values[0] as string[]).map((id) => {
    const mine = (claimedBy.get(id) ?? processId) === processId;
    if (mine) claimedBy.set(id, processId);
    return { id, mine, a_number: null, status: 'retrying', workflow_id: 'w' };
  });
}

function release(values: unknown[]): object[] {
  for (const id of values[0] as string[]) if (claimedBy.get(id) === values[2]) claimedBy.set(id, null);
  return [];
}

beforeEach(() => {
  claimedBy = new Map();
  fails = losesAnswers = 0;
  me = { id: 1, certain: () => Promise.resolve() };
  claims = createAttemptClaims({ db, membership: me });
});

const request = (deliveryId: string) => ({ deliveryId, number: 2, manual: false, workflowId: 'w' });
const comesTo = (kind: string) => Promise.resolve({ kind } as Outcome);
const isFree = (id: string) => claimedBy.get(id) === null;

it('an attempt that was made keeps its claim: its record ends it', async () => {
  const one = request('dlv');
  expect(await claims.claim(one)).toMatchObject({ mine: true });
  claims.releaseUnlessMade(one, comesTo('attempt'));
  const other = request('other');
  await claims.claim(other);
  claims.releaseUnlessMade(other, comesTo('held'));
  await until(() => isFree('other'), Boolean);
  expect(claimedBy.get('dlv')).toBe(1);
});

it.each(['held', 'cancelled', 'foreign'])('one that came to %s gives it back', async (kind) => {
  const one = request('dlv');
  await claims.claim(one);
  claims.releaseUnlessMade(one, comesTo(kind));
  await until(() => isFree('dlv'), Boolean);
});

it('one that broke down gives it back, as soon as Postgres is there again', async () => {
  const one = request('dlv');
  await claims.claim(one);
  fails = 2;
  claims.releaseUnlessMade(one, Promise.reject(new Error('ours')));
  await until(() => isFree('dlv'), Boolean);
  expect(fails).toBe(0);
});

it('a claim whose answer was lost is given back', async () => {
  losesAnswers = 1;
  await expect(claims.claim(request('dlv'))).rejects.toThrow('connection lost');
  await until(() => isFree('dlv'), Boolean);
});

it('what ends late does not give back the claim of the try that followed', async () => {
  const first = request('dlv');
  await claims.claim(first);
  let end: (outcome: Outcome) => void = () => {};
  claims.releaseUnlessMade(first, new Promise((resolve) => (end = resolve)));
  expect(await claims.claim(request('dlv'))).toMatchObject({ mine: true });
  end({ kind: 'foreign' });
  const other = request('other');
  await claims.claim(other);
  claims.releaseUnlessMade(other, comesTo('foreign'));
  await until(() => isFree('other'), Boolean);
  expect(claimedBy.get('dlv')).toBe(1);
});

it('what was claimed under a number that has been lost meanwhile is not its own', async () => {
  const query = vi.spyOn(db, 'query').mockImplementationOnce((async (config: { values: unknown[] }) => {
    const rows = claim(config.values);
    me.id = 2;
    return { rows };
  }) as never);
  expect(await claims.claim(request('dlv'))).toMatchObject({ mine: false });
  query.mockRestore();
});
