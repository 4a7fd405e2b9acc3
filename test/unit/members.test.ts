import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttemptOutcome, Outcome } from '../../src/outcome.ts';
import { timerSummary } from '../../workflows/details.ts';
import {
  applyOutcome,
  byActivity,
  createMembers,
  isOver,
  nextWakeMs,
  orderFor,
  putOffManual,
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
    manualAtMs: fc.constantFrom(0, NOW + 1_000, NOW + 60_000),
    busy: fc.boolean(),
    result: fc.constantFrom(null, 'succeeded', 'failed', 'held', 'foreign'),
  })
  .map((over) => member(over));
const members = fc.array(anyMember, { maxLength: 30 });

it('a retry that is deferred uses up nothing and is due at the time that was said', () => {
  const one = member({ dueAtMs: NOW, attempts: 1, scheduled: 1 });
  expect(applyOutcome(one, { kind: 'deferred', untilMs: NOW + 20_000 })).toBeNull();
  expect(one).toEqual(member({ dueAtMs: NOW + 20_000, attempts: 1, scheduled: 1 }));
  expect([wantsAttempt(one, NOW + 19_999), wantsAttempt(one, NOW + 20_000)]).toEqual([false, true]);
});

describe('createMembers', () => {
  it('begins where progress says, else at the beginning and at once', () => {
    const progress = {
      b: { attempts: 3, scheduled: 2, dueAtMs: NOW },
      c: { attempts: 7, scheduled: 7, dueAtMs: null, ended: 'failed' as const },
      d: { attempts: 1, scheduled: 1, dueAtMs: null },
    };
    const made = createMembers({ deliveries: { e1: ['a', 'b'], e2: ['c', 'd'] }, progress });
    expect(made).toMatchObject([
      { id: 'a', endpointId: 'e1', attempts: 0, scheduled: 0, dueAtMs: 0, result: null },
      { id: 'b', endpointId: 'e1', attempts: 3, scheduled: 2, dueAtMs: NOW, result: null },
      { id: 'c', endpointId: 'e2', attempts: 7, scheduled: 7, dueAtMs: null, result: 'failed' },
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
    ['a success', {}, outcome(success), { result: 'succeeded', dueAtMs: null, answer: 'HTTP 200' }],
    ['a success while a retry is asked for', { manual: true }, outcome(success), { manual: false }],
    ['a first failure', {}, outcome(), { result: null, dueAtMs: NOW + 10_000, answer: 'HTTP 500' }],
    ['the last failure', { scheduled: 2, attempts: 2 }, outcome({ number: 3 }), { result: 'failed' }],
    ['410', {}, outcome({ gone: true, statusCode: 410 }), { result: 'failed', dueAtMs: null }],
    ['410 for what had succeeded', { result: 'succeeded' }, outcome({ gone: true }), { result: 'succeeded' }],
    ['no answer', {}, outcome({ statusCode: null, errorMessage: 'refused' }), { answer: 'refused' }],
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

it('one by hand that is put off is still wanted by hand, and then', () => {
  const one = member({ dueAtMs: null, result: 'failed' });
  putOffManual(one, NOW + 20_000);
  expect([wantsAttempt(one, NOW + 19_999), wantsAttempt(one, NOW + 20_000)]).toEqual([false, true]);
  expect([nextWakeMs([one]), isOver(one), orderFor(one).manual]).toEqual([NOW + 20_000, false, true]);
  expect(timerSummary([one], NOW + 20_000)).toBe('until attempt 1, asked for by hand');
});

describe('when to wake', () => {
  it('is when the earliest is due, or the last of those within a second of it', () => {
    fc.assert(
      fc.property(members, (all) => {
        const timeOf = ({ manual, manualAtMs, dueAtMs }: Member) =>
          manual && manualAtMs > 0 ? Math.min(manualAtMs, dueAtMs ?? Infinity) : dueAtMs;
        const due = all.filter((one) => !one.busy && timeOf(one) !== null).map((one) => timeOf(one)!);
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
    expect(orderFor(member({ attempts: 4, scheduled: 4 }))).toEqual({ id: 'd1', number: 5 });
    expect(orderFor(member({ manual: true }))).toEqual({ id: 'd1', number: 1, manual: true });
  });

  it('says how far its schedule is used up where attempts by hand came between', () => {
    expect(orderFor(member({ attempts: 4, scheduled: 2 }))).toEqual({ id: 'd1', number: 5, scheduled: 2 });
  });
});

describe('byActivity', () => {
  it('puts what the schedule wants into one, and what is asked for by hand with its endpoint, in order', () => {
    fc.assert(
      fc.property(members, (all) => {
        const groups = byActivity(all);
        const keyOf = ({ manual, endpointId }: Member) => (manual ? endpointId : null);
        const keys = groups.map((group) => keyOf(group[0]!));
        expect(new Set(keys).size).toBe(groups.length);
        groups.forEach((group, i) => expect(group).toEqual(all.filter((one) => keyOf(one) === keys[i])));
        expect(groups.flat()).toHaveLength(all.length);
      }),
    );
  });
});
