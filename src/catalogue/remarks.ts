import { matchesAny } from '../events/pattern.ts';
import type { FieldError } from '../problem.ts';
import type { KnownType } from '../store/event-types.ts';

/** What is odd about what an endpoint subscribes to. It may be right all the same: types need not be in a catalogue. */
export function remarksOn(
  patterns: string[],
  own: ReadonlyMap<string, KnownType>,
  ofProfiles: ReadonlySet<string>,
): FieldError[] {
  return patterns.flatMap((pattern, index) => {
    const message = pattern === '*' ? null : remarkOn(pattern, own, ofProfiles);
    return message === null ? [] : [{ path: `events[${index}]`, message }];
  });
}

function remarkOn(
  pattern: string,
  own: ReadonlyMap<string, KnownType>,
  ofProfiles: ReadonlySet<string>,
): string | null {
  if (pattern.endsWith('.*')) {
    const isKnown = [...own.keys(), ...ofProfiles].some((name) => matchesAny([pattern], name));
    return isKnown ? null : `no event type that is known here begins with "${pattern.slice(0, -1)}"`;
  }
  const type = own.get(pattern);
  if (type?.archived) return `"${pattern}" is archived`;
  if (type?.deprecated) return `"${pattern}" is deprecated`;
  if (type || ofProfiles.has(pattern)) return null;
  return `"${pattern}" is not an event type that is known here: it is delivered should it be published`;
}
