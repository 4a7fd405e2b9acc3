/** Names of event types, and the patterns with which an endpoint chooses among them. */

const MAX_LENGTH = 128;
const SEGMENT = /^[a-z0-9_-]+$/;

/** The same rules as JSON Schema has them, for documents. */
export const EVENT_TYPE_SCHEMA = {
  pattern: '^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$',
  maxLength: MAX_LENGTH,
  examples: ['message.received'],
};
export const PATTERN_SCHEMA = {
  pattern: '^(\\*|[a-z0-9_-]+(\\.[a-z0-9_-]+)*(\\.\\*)?)$',
  maxLength: MAX_LENGTH,
  examples: ['message.received', 'conversation.*', '*'],
};

/**
 * Why `type` cannot be published, or null when it can. A type is one or more words of lower-case letters,
 * digits, `_` and `-`, separated by dots: `message.received`, `account.usage_threshold`.
 */
export function eventTypeProblem(type: string): string | null {
  if (type.includes('*')) return `${quote(type)} is a pattern; an event type has no "*"`;
  return nameProblem(type, type);
}

/**
 * Why `pattern` cannot be subscribed to, or null when it can: an event type, `*` for everything, or a type's
 * beginning and `.*` for everything below it (`conversation.*`, `account.billing.*`).
 */
export function patternProblem(pattern: string): string | null {
  if (pattern === '*') return null;
  const stem = pattern.endsWith('.*') ? pattern.slice(0, -2) : pattern;
  if (stem.includes('*')) {
    return `${quote(pattern)} is not a pattern: "*" stands alone or after the last dot, as in "conversation.*"`;
  }
  return nameProblem(stem, pattern);
}

export function isEventPattern(pattern: string): boolean {
  return patternProblem(pattern) === null;
}

/** `conversation.*` takes `conversation.created` and `conversation.a.b`, not `conversation` nor `conversations.x`. */
export function matchesAny(patterns: readonly string[], type: string): boolean {
  return patterns.some((pattern) => matches(pattern, type));
}

function matches(pattern: string, type: string): boolean {
  if (pattern === '*' || pattern === type) return true;
  return pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1));
}

/** `written` is what the caller gave (with its ".*"): what is quoted back, and what is measured. */
function nameProblem(name: string, written: string): string | null {
  if (written === '') return 'an event type cannot be empty';
  if (written.length > MAX_LENGTH)
    return `${quote(written)} has ${written.length} characters; ${MAX_LENGTH} are allowed`;
  if (name.split('.').every((segment) => SEGMENT.test(segment))) return null;
  if (/^\.|\.\.|\.$/.test(name) || name === '') {
    return `${quote(written)} has a dot too many: there must be a word before and after every dot`;
  }
  if (/[A-Z]/.test(name)) return `${quote(written)} has upper-case letters; event types are lower case`;
  return `${quote(written)} has a character that no event type has: use a-z, 0-9, "_", "-" and dots between words`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
