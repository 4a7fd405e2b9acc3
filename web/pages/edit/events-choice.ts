/** Choosing event types by patterns. Pure. */
import { matchesAny } from '../../../src/events/pattern.ts';

/** `conversation.created` → `conversation`; a type of one word is a group of its own. */
export const groupOf = (type: string): string => type.split('.')[0]!;

export interface Group {
  name: string;
  types: string[];
}

export function groupsOf(types: readonly string[]): Group[] {
  const groups = Map.groupBy(types, groupOf);
  return [...groups].map(([name, members]) => ({ name, types: members }));
}

const everythingOf = ({ name, types }: Group): string[] =>
  types.length === 1 && types[0] === name ? [name] : [`${name}.*`];
const isOf = (group: Group, pattern: string): boolean => groupOf(pattern) === group.name;

/** `some`: a part of it. */
export function stateOf(patterns: readonly string[], { types }: Group): 'all' | 'some' | 'none' {
  const chosen = types.filter((type) => matchesAny(patterns, type)).length;
  if (chosen === 0) return 'none';
  return chosen === types.length ? 'all' : 'some';
}

/** `*` taken apart, so that something can be left out of it. */
const apart = (patterns: readonly string[], groups: readonly Group[]): string[] =>
  patterns.includes('*') ? groups.flatMap(everythingOf) : [...patterns];

export function toggleGroup(
  patterns: readonly string[],
  groups: readonly Group[],
  group: Group,
  on: boolean,
): string[] {
  const others = apart(patterns, groups).filter((pattern) => !isOf(group, pattern));
  return on ? [...others, ...everythingOf(group)] : others;
}

export function toggleType(
  patterns: readonly string[],
  groups: readonly Group[],
  group: Group,
  type: string,
  on: boolean,
): string[] {
  const before = apart(patterns, groups);
  const others = before.filter((pattern) => !isOf(group, pattern));
  const chosen = group.types.filter((member) => (member === type ? on : matchesAny(before, member)));
  // What is in no catalogue, and was written by hand, stays.
  const byHand = before.filter(
    (pattern) => isOf(group, pattern) && !pattern.endsWith('*') && !group.types.includes(pattern),
  );
  return [...others, ...chosen, ...byHand];
}

/** Patterns that stand for nothing in the tree. */
export const besideTree = (patterns: readonly string[], groups: readonly Group[]): string[] =>
  patterns.filter((pattern) => {
    if (pattern === '*') return false;
    const group = groups.find(({ name }) => name === groupOf(pattern));
    return !group || !(everythingOf(group).includes(pattern) || group.types.includes(pattern));
  });
