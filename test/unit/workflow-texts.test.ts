/** What people read of a workflow in Temporal's Web UI, and how much of it there may be. */
import { describe, expect, it } from 'vitest';
import { attemptSummary, describe as describeMembers, timerSummary } from '../../workflows/details.ts';
import { createMembers, type Member } from '../../workflows/members.ts';
import type { DeliveryInput } from '../../workflows/messages.ts';
import {
  failureOf,
  MAX_ATTRIBUTE_BYTES,
  outcomeValues,
  tally,
  withinLimit,
} from '../../workflows/results.ts';

const NOW = 1_780_000_000_000;
const AT = new Date(NOW).toISOString();
const INPUT: DeliveryInput = { deliveries: { e1: ['d1'] } };

const member = (over: Partial<Member> = {}): Member => ({ ...createMembers(INPUT)[0]!, ...over });
const waiting = member({
  attempts: 2,
  scheduled: 2,
  answer: 'HTTP 503',
  tookMs: 12,
  dueAtMs: NOW,
  maxRetries: 9,
});
const done = member({
  result: 'succeeded',
  dueAtMs: null,
  attempts: 1,
  scheduled: 1,
  answer: 'HTTP 200',
  tookMs: 3_210,
});
const failed = (endpointId: string) => member({ endpointId, result: 'failed', dueAtMs: null });

describe('a summary', () => {
  it('of an attempt says which it is, and of how many', () => {
    expect(attemptSummary([member()])).toBe('attempt 1');
    expect(attemptSummary([waiting])).toBe('attempt 3 of 10');
    // One by hand comes on top.
    expect(attemptSummary([{ ...waiting, attempts: 3 }])).toBe('attempt 4 of 11');
    expect(attemptSummary([{ ...waiting, manual: true }])).toBe('attempt 3, asked for by hand');
    expect(attemptSummary([waiting, waiting])).toBe('2 deliveries, attempt 3 of 10');
    expect(attemptSummary([waiting, member()])).toBe('2 deliveries, attempt 3 of 10 and others');
  });

  it('of a timer says what was answered last, and what comes next', () => {
    expect(timerSummary([waiting, done], NOW)).toBe('HTTP 503 in 12 ms; until attempt 3 of 10');
    expect(timerSummary([waiting, { ...waiting }], NOW)).toBe('until 2 deliveries, attempt 3 of 10');
  });

  it('is never longer than Temporal takes', () => {
    const wordy = { ...waiting, answer: '☎'.repeat(100) };
    expect(Buffer.byteLength(timerSummary([wordy], NOW))).toBeLessThanOrEqual(400);
  });
});

describe('the details', () => {
  const label = { tenant: 'acme', name: 'Billing | <b>', host: 'hooks.example.com' };

  it('are a table with endpoint, host, status, attempts, answer, next attempt and the way to the log', () => {
    const text = describeMembers([waiting], { ...INPUT, endpoints: { e1: label } }, []);
    expect(text.split('\n')).toEqual([
      '| endpoint | host | status | attempts | last answer | next attempt | log |',
      '|---|---|---|---|---|---|---|',
      `| Billing \\| \\<b\\> (e1) | hooks.example.com | retrying | 2 of 10 | HTTP 503 in 12 ms | ${AT} | \`/v1/tenants/acme/deliveries/d1\` |`,
    ]);
  });

  it('of a set begin with the numbers and the unhappy, and end', () => {
    const all = [...Array<Member>(300).fill(done), waiting, failed('e9')];
    const text = describeMembers(all, INPUT, ['`retryNow` was refused: why']);
    expect(text).toContain(`302 deliveries: 300 succeeded, 1 retrying, 1 failed — next attempts **${AT}**`);
    const rows = text.split('\n').filter((line) => line.startsWith('| '));
    expect(rows[1]).toContain('| failed |');
    expect(rows[2]).toContain('| retrying |');
    expect(rows[3]).toContain('HTTP 200 in 3.2 s');
    expect(text).toContain('and 282 more');
    expect(text).toMatch(/- `retryNow` was refused: why$/);
    expect(text.length).toBeLessThan(5_000);
  });
});

describe('PosthornOutcome', () => {
  it('names every outcome, and with its endpoint those that are no success', () => {
    const of = (endpointId: string, result: Member['result']) => member({ endpointId, result });
    const all = [of('e1', 'succeeded'), of('e1', 'failed'), of('e2', 'failed'), of('e3', 'succeeded')];
    expect(outcomeValues(all, undefined)).toEqual(['succeeded', 'failed', 'failed:e1', 'failed:e2']);
    expect(outcomeValues([of('e1', null), of('e1', 'foreign')], undefined)).toEqual([]);
  });

  it('never grows beyond what Temporal takes, and says where it was cut', () => {
    const ids = Array.from({ length: 500 }, (_, i) => `ep_01a1fe07aaaaaaaaaaaaaaaa${i}`);
    const all = ids.flatMap((id) => [failed(id), member({ endpointId: id, result: 'held' })]);
    const values = outcomeValues(all, undefined);
    expect(values).toEqual(expect.arrayContaining(['failed', 'held', 'failed:more', 'held:more']));
    expect(values.length).toBeGreaterThan(40);
    expect(Buffer.byteLength(JSON.stringify(values))).toBeLessThanOrEqual(MAX_ATTRIBUTE_BYTES);
    // Over several runs, too.
    const later = outcomeValues([failed('last'), failed('very-last')], { tally: {}, outcomes: values });
    expect(later).toEqual(expect.arrayContaining(['failed', 'held', 'failed:more', 'held:more']));
    expect(Buffer.byteLength(JSON.stringify(later))).toBeLessThanOrEqual(MAX_ATTRIBUTE_BYTES);
  });

  it.each([
    ['long', 'a'.repeat(500)],
    ['beyond ASCII', '☎'.repeat(120)],
  ])('nor does a list of %s values', (_, value) => {
    const values = withinLimit(Array.from({ length: 30 }, (_, i) => `${i}${value}`));
    expect(values).toContain('more');
    expect(Buffer.byteLength(JSON.stringify(values))).toBeLessThanOrEqual(MAX_ATTRIBUTE_BYTES);
  });
});

describe('the result', () => {
  const gone = member({ result: 'failed', dueAtMs: null, attempts: 10, answer: 'HTTP 500' });

  it('counts what ended in earlier runs, too', () => {
    const earlier = { tally: { succeeded: 3, failed: 1 }, outcomes: [] };
    expect(tally([done, gone], earlier)).toEqual({ succeeded: 4, failed: 2 });
  });

  it('is a failure for one delivery that failed, and for no set', () => {
    expect(failureOf([gone], undefined)).toBe('HTTP 500 after 10 attempts');
    expect(failureOf([{ ...gone, attempts: 1, answer: 'connection refused' }], undefined)).toBe(
      'connection refused after 1 attempt',
    );
    expect(failureOf([done], undefined)).toBeNull();
    expect(failureOf([gone, done], undefined)).toBeNull();
    expect(failureOf([gone], { tally: { succeeded: 3 }, outcomes: [] })).toBeNull();
  });
});
