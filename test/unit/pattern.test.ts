import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventTypeProblem, isEventPattern, matchesAny, patternProblem } from '../../src/events/pattern.ts';
import { eventType } from './profiles-fixtures.ts';

describe('patterns an endpoint may subscribe to', () => {
  it.each([
    '*',
    'conversation.created',
    'conversation.*',
    'a.b.*',
    'account.usage_threshold',
    'ping',
    'v2.a-b.c_1',
  ])('takes %j', (pattern) => {
    expect(patternProblem(pattern)).toBeNull();
    expect(isEventPattern(pattern)).toBe(true);
  });

  it.each([
    ['', 'empty'],
    ['conv*', 'after the last dot'],
    ['*.created', 'after the last dot'],
    ['a.*.b', 'after the last dot'],
    ['**', 'after the last dot'],
    ['a.**', 'after the last dot'],
    ['*.*', 'after the last dot'],
    ['a..b', 'dot too many'],
    ['.a', 'dot too many'],
    ['a.', 'dot too many'],
    ['.*', 'dot too many'],
    ['a..*', 'dot too many'],
    ['Conversation.created', 'lower case'],
    ['conversation created', 'a character'],
    ['conversation/created', 'a character'],
    ['konversation.geändert', 'a character'],
    ['a.b\n', 'a character'],
    [`${'a.'.repeat(63)}abc`, '129 characters; 128 are allowed'],
    [`${'a.'.repeat(63)}a.*`, '129 characters; 128 are allowed'],
  ])('refuses %j and says why', (pattern, reason) => {
    expect(patternProblem(pattern)).toContain(reason);
    expect(isEventPattern(pattern)).toBe(false);
  });

  it('allows 128 characters', () => {
    expect(patternProblem(`${'a.'.repeat(63)}ab`)).toBeNull();
    expect(patternProblem(`${'a.'.repeat(63)}*`)).toBeNull();
  });
});

describe('types that can be published', () => {
  it.each(['conversation.created', 'ping', 'a.b.c'])('takes %j', (type) => {
    expect(eventTypeProblem(type)).toBeNull();
  });

  it.each(['*', 'conversation.*', 'a*b'])('refuses the pattern %j', (type) => {
    expect(eventTypeProblem(type)).toContain('an event type has no "*"');
  });

  it.each(['', 'a..b', 'A.b', 'x'.repeat(129)])('refuses %j', (type) => {
    expect(eventTypeProblem(type)).not.toBeNull();
  });
});

describe('which events a pattern takes', () => {
  it.each([
    [['*'], 'anything.at.all', true],
    [['conversation.*'], 'conversation.created', true],
    [['conversation.*'], 'conversation.a.b', true],
    [['conversation.*'], 'conversation', false],
    [['conversation.*'], 'conversations.x', false],
    [['conversation.*'], 'my.conversation.created', false],
    [['a.b.*'], 'a.b.c', true],
    [['a.b.*'], 'a.bc', false],
    [['message.sent'], 'message.sent', true],
    [['message.sent'], 'message.sent.again', false],
    [['message.sent'], 'message.send', false],
    [['agent.*', 'message.sent'], 'message.sent', true],
    [[], 'message.sent', false],
  ])('%j and %s: %s', (patterns, type, expected) => {
    expect(matchesAny(patterns, type)).toBe(expected);
  });

  it('holds for every type: itself, every stem of it, and *, but no other type', () => {
    fc.assert(
      fc.property(eventType, eventType, fc.nat(), (type, other, cut) => {
        const segments = type.split('.');
        const stem = segments.slice(0, (cut % segments.length) + 1).join('.');
        expect(matchesAny([type], type)).toBe(true);
        expect(matchesAny(['*'], type)).toBe(true);
        expect(matchesAny([`${stem}.*`], type)).toBe(stem !== type);
        expect(matchesAny([`${stem}.*`], `${stem}x.${other}`)).toBe(false);
        expect(matchesAny([other], type)).toBe(other === type);
      }),
    );
  });

  it('takes a type exactly when it is also a valid pattern without *', () => {
    fc.assert(
      fc.property(fc.oneof(eventType, fc.string(), fc.stringMatching(/^[a-zA-Z.*]{0,12}$/)), (text) => {
        expect(eventTypeProblem(text) === null).toBe(isEventPattern(text) && !text.includes('*'));
      }),
    );
  });
});
