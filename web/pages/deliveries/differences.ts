/** What tells one request from another that was answered 2xx. Pure. */
import type { Attempt, DeliveryWithAttempts } from '../../api/client.ts';
import { bytes } from '../../format.ts';
import { words } from '../../words/index.ts';

interface Sent {
  delivery: DeliveryWithAttempts;
  attempt: Attempt;
}
export interface Difference {
  what: string;
  is: string;
  was: string;
}

/** Their values are others in every request. */
const CHANGING = /signature|timestamp|(^|-)id$|content-length|delivery|date|traceparent/i;
const MOST_PATHS = 12;

export function differencesOf(bad: Sent, good: Sent): Difference[] {
  const { differs } = words.drawer;
  const list: Difference[] = [];
  const add = (what: string, is: string, was: string) => {
    if (is !== was) list.push({ what, is: is || '–', was: was || '–' });
  };
  add(differs.url, bad.attempt.request.url, good.attempt.request.url);
  add(differs.method, bad.attempt.request.method, good.attempt.request.method);
  add(differs.type, bad.delivery.event_type, good.delivery.event_type);
  const [is, was] = [lowered(bad.attempt.request.headers), lowered(good.attempt.request.headers)];
  for (const name of new Set([...is.keys(), ...was.keys()])) {
    const valueOf = (headers: Map<string, string>) =>
      CHANGING.test(name) ? (headers.has(name) ? differs.present : '') : (headers.get(name) ?? '');
    add(name, valueOf(is), valueOf(was));
  }
  const [body, goodBody] = [bad.delivery.request_body ?? '', good.delivery.request_body ?? ''];
  if (sizeClass(body) !== sizeClass(goodBody)) add(differs.size, bytes(body.length), bytes(goodBody.length));
  const [paths, goodPaths] = [pathsOf(body), pathsOf(goodBody)];
  const only = [...paths].filter((path) => !goodPaths.has(path));
  const missing = [...goodPaths].filter((path) => !paths.has(path));
  for (const path of only.slice(0, MOST_PATHS)) add(path, differs.present, differs.absent);
  for (const path of missing.slice(0, MOST_PATHS)) add(path, differs.absent, differs.present);
  return list;
}

const lowered = (headers: Record<string, string> | null): Map<string, string> =>
  new Map(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));

/** A few bytes more are no news, twice as many are. */
const sizeClass = (text: string): number => Math.round(Math.log2(Math.max(1, text.length)));

function pathsOf(text: string): Set<string> {
  const paths = new Set<string>();
  const visit = (value: unknown, path: string, depth: number): void => {
    if (path) paths.add(path);
    if (depth > 6 || typeof value !== 'object' || value === null || Array.isArray(value)) return;
    for (const [name, member] of Object.entries(value))
      visit(member, path ? `${path}.${name}` : name, depth + 1);
  };
  try {
    visit(JSON.parse(text), '', 0);
  } catch {
    // No JSON: nothing to compare by name.
  }
  return paths;
}
