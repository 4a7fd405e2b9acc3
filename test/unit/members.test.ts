import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttemptOutcome, Outcome } from '../../src/outcome.ts';
import {
  applyOutcome,
  byEndpoint,
  createMembers,
  describe as describeMembers,
  isOver,
  nextWakeMs,
  orderFor,
  outcomeValues,
  stateOf,
  TOGETHER_MS,
  wantsAttempt,
  type Member,
} from '../../workflows/members.ts';

const NOW = 1_780_000_000_000;

const member = (over: Partial<Member> = {}): Member => ({
  ...createMembers({ deliveries: { e1: ['d1'] } })[0]!,
  ...over,
});
const outcome = (over: Partial<AttemptOutcome> = {}): AttemptOutcome => ({
  kind: 'attempt',
  number: 1,
  trigger: 'schedule',
  succeeded: false,
  startedAtMs: NOW,
  durationMs: 0,
  statusCode: 500,
  errorClass: 'http',
  errorMessage: null,
  excerpt: '',
  retryAfterSeconds: null,
  gone: false,
  recorded: true,
  schedule: { delaysSeconds: [10, 60], maxRetries: 2, jitter: 0 },
  ...over,
});
const success = { succeeded: true, statusCode: 200, errorClass: null };

const anyMember: fc.Arbitrary<Member> = fc
  .record({
    endpointId: fc.constantFrom('e1', 'e2', 'e3'),
    // Close together and far apart.
    dueAtMs: fc.option(fc.oneof(fc.integer({ min: NOW, max: NOW + 3_000 }), fc.nat(2 * NOW))),
    manual: fc.boolean(),
    busy: fc.boolean(),
    result: fc.constantFrom(null, 'succeeded', 'failed', 'held', 'ended'),
  })
  .map((over) => member(over));
const members = fc.array(anyMember, { maxLength: 30 });

describe('createMembers', () => {
  it('begins where progress says, else at the beginning and at once', () => {
    const progress = {
      b: { attempts: 3, scheduled: 2, dueAtMs: NOW },
      c: { attempts: 7, scheduled: 7, dueAtMs: null, ended: true },
      d: { attempts: 1, scheduled: 1, dueAtMs: null },
    };
    const made = createMembers({ deliveries: { e1: ['a', 'b'], e2: ['c', 'd'] }, progress });
    expect(made).toMatchObject([
      { id: 'a', endpointId: 'e1', attempts: 0, scheduled: 0, dueAtMs: 0, result: null },
      { id: 'b', endpointId: 'e1', attempts: 3, scheduled: 2, dueAtMs: NOW, result: null },
      { id: 'c', endpointId: 'e2', attempts: 7, scheduled: 7, dueAtMs: null, result: 'ended' },
      { id: 'd', endpointId: 'e2', attempts: 1, scheduled: 1, dueAtMs: 0, result: null },
    ]);
    expect(made.map(isOver)).toEqual([false, false, true, false]);
  });
});

describe('applyOutcome', () => {
  it('leaves schedule and status alone when a manual attempt fails', () => {
    fc.assert(
      fc.property(fc.nat(5), fc.option(fc.nat(2 * NOW)), (scheduled, dueAtMs) => {
        const one = member({ attempts: 6, scheduled, dueAtMs });
        applyOutcome(one, outcome({ trigger: 'manual', number: 7 }));
        expect(one).toMatchObject({ attempts: 7, scheduled, dueAtMs, result: null });
      }),
    );
  });

  it('makes 1 + maxRetries scheduled attempts, however many manual ones come between', () => {
    const between = fc.array(fc.constantFrom('manual' as const, 'schedule' as const), {
      minLength: 40,
      maxLength: 40,
    });
    fc.assert(
      fc.property(fc.nat(9), between, (maxRetries, triggers) => {
        const schedule = { delaysSeconds: [10, 60], maxRetries, jitter: 0.1 };
        const one = member();
        let made = 0;
        for (const trigger of [...triggers, ...Array<'schedule'>(10).fill('schedule')]) {
          if (one.result !== null) break;
          if (trigger === 'schedule') made += 1;
          applyOutcome(one, outcome({ trigger, number: one.attempts + 1, schedule }));
        }
        expect(one).toMatchObject({ result: 'failed', dueAtMs: null, scheduled: maxRetries + 1 });
        expect(made).toBe(maxRetries + 1);
      }),
    );
  });

  it.each<[string, Partial<Member>, Outcome, Partial<Member>]>([
    ['a success', {}, outcome(success), { result: 'succeeded', dueAtMs: null, last: 'HTTP 200' }],
    ['a success while a retry is asked for', { manual: true }, outcome(success), { manual: false }],
    ['a first failure', {}, outcome(), { result: null, dueAtMs: NOW + 10_000, last: 'HTTP 500' }],
    ['the last failure', { scheduled: 2, attempts: 2 }, outcome({ number: 3 }), { result: 'failed' }],
    ['410', {}, outcome({ gone: true, statusCode: 410 }), { result: 'failed', dueAtMs: null }],
    ['410 for what had succeeded', { result: 'succeeded' }, outcome({ gone: true }), { result: 'succeeded' }],
    ['no answer', {}, outcome({ statusCode: null, errorMessage: 'refused' }), { last: 'refused' }],
    ['held', { dueAtMs: NOW }, { kind: 'held' }, { result: 'held', dueAtMs: null }],
    ['held for what had failed', { result: 'failed' }, { kind: 'held' }, { result: 'failed' }],
    ['waiting', { dueAtMs: NOW }, { kind: 'waiting' }, { result: null, dueAtMs: NOW }],
  ])('%s', (_, before, what, after) => {
    const one = member({ dueAtMs: NOW, ...before });
    expect(applyOutcome(one, what)).toBeNull();
    expect(one).toMatchObject(after);
  });

  it('returns an attempt that is not in the log, with what had gone before it', () => {
    const unrecorded = outcome({ number: 3, recorded: false });
    expect(applyOutcome(member({ scheduled: 2 }), unrecorded)).toEqual({
      id: 'd1',
      scheduledBefore: 2,
      outcome: unrecorded,
    });
  });
});

describe('when to wake', () => {
  it('is when the earliest is due, or the last of those within a second of it', () => {
    fc.assert(
      fc.property(members, (all) => {
        const due = all.filter((one) => !one.busy && one.dueAtMs !== null).map((one) => one.dueAtMs!);
        const earliest = Math.min(...due);
        const together = due.filter((at) => at - earliest <= TOGETHER_MS);
        expect(nextWakeMs(all)).toBe(due.length === 0 ? null : Math.max(...together));
      }),
    );
  });

  it('finds at least one delivery to attempt, so that the loop moves on', () => {
    fc.assert(
      fc.property(members, (all) => {
        const wakeAt = nextWakeMs(all);
        fc.pre(wakeAt !== null);
        expect(all.some((one) => wantsAttempt(one, wakeAt!))).toBe(true);
      }),
    );
  });

  it('is known, or somebody is at work, or all is over', () => {
    fc.assert(
      fc.property(members, (all) => {
        const goesOn = nextWakeMs(all) !== null || all.some((one) => one.busy || one.manual);
        expect(goesOn).toBe(!all.every(isOver));
      }),
    );
  });
});

describe('an attempt', () => {
  it('is wanted neither while one is under way nor when all is over', () => {
    fc.assert(
      fc.property(anyMember, fc.nat(2 * NOW), (one, now) => {
        if (one.busy || isOver(one)) expect(wantsAttempt(one, now)).toBe(false);
        const status = one.busy ? 'attempting' : isOver(one) ? 'ended' : 'waiting';
        expect(stateOf(one).status).toBe(status);
      }),
    );
  });

  it('has the next number, and says when a person asked for it', () => {
    expect(orderFor(member({ attempts: 4 }))).toEqual({ id: 'd1', number: 5 });
    expect(orderFor(member({ manual: true }))).toEqual({ id: 'd1', number: 1, manual: true });
  });
});

describe('byEndpoint', () => {
  it('puts every member with its endpoint, once, in order', () => {
    fc.assert(
      fc.property(members, (all) => {
        const groups = byEndpoint(all);
        const endpoints = groups.map((group) => group[0]!.endpointId);
        expect(new Set(endpoints).size).toBe(groups.length);
        groups.forEach((group, i) =>
          expect(group).toEqual(all.filter((one) => one.endpointId === endpoints[i])),
        );
        expect(groups.flat()).toHaveLength(all.length);
      }),
    );
  });
});

describe('what the Web UI gets', () => {
  it('names every outcome, and with its endpoint those that are no success', () => {
    const of = (endpointId: string, result: string | null) => member({ endpointId, result });
    expect(
      outcomeValues([of('e1', 'succeeded'), of('e1', 'failed'), of('e2', 'failed'), of('e3', 'succeeded')]),
    ).toEqual(['succeeded', 'failed', 'failed:e1', 'failed:e2']);
    expect(outcomeValues([of('e1', null), of('e1', 'foreign'), of('e1', 'ended')])).toEqual([]);
  });

  it('is the last answer and the next attempt of one, and a count of many', () => {
    const waiting = member({ attempts: 2, last: 'HTTP 503', dueAtMs: NOW });
    const done = member({ result: 'succeeded', dueAtMs: null, attempts: 1, last: 'HTTP 200' });
    const at = new Date(NOW).toISOString();
    expect(describeMembers([waiting])).toBe(`Attempt 2: HTTP 503 — retrying, next attempt **${at}**`);
    expect(describeMembers([done])).toBe('Attempt 1: HTTP 200 — succeeded, no further attempt');
    expect(describeMembers([done, waiting, done])).toBe(
      `3 deliveries: 2 succeeded, 1 retrying — next attempts **${at}**`,
    );
  });
});
