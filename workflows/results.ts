/** What a workflow came to, over all its runs: its result, its search attribute, and whether it shows red. Pure. */
import type { Member } from './members.ts';
import type { DeliveryInput, EarlierRuns } from './messages.ts';
import { isOver, progressOf } from './members.ts';

/** Temporal refuses a search attribute of more than 2 KB, and ends the workflow that set it. */
export const MAX_ATTRIBUTE_BYTES = 1_900;

/** How many ended how: the workflow's result. */
export function tally(members: Member[], earlier: EarlierRuns | undefined): Record<string, number> {
  const counts: Record<string, number> = { ...earlier?.tally };
  for (const { result } of members) counts[result ?? 'unknown'] = (counts[result ?? 'unknown'] ?? 0) + 1;
  return counts;
}

/** Search attribute values: each result once, and once with each endpoint it happened to. */
export function outcomeValues(members: Member[], earlier: EarlierRuns | undefined): string[] {
  const values = new Set<string>(earlier?.outcomes);
  for (const { result, endpointId } of members) {
    if (result === null || result === 'foreign') continue;
    values.add(result);
    if (result !== 'succeeded') values.add(`${result}:${endpointId}`);
  }
  return withinLimit([...values]);
}

/**
 * As many of these as a search attribute holds, those without an endpoint first. Where some are left out, a marker
 * stands for them: `failed:more`, or `more`.
 */
export function withinLimit(values: string[]): string[] {
  const kept: string[] = [];
  const markers = new Set<string>();
  let bytes = 2;
  for (const value of [...values].sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')))) {
    const size = jsonBytes(value);
    if (bytes + size <= MAX_ATTRIBUTE_BYTES - MARKERS_BYTES) {
      kept.push(value);
      bytes += size;
    } else markers.add(value.includes(':') ? `${value.slice(0, value.indexOf(':'))}:more` : 'more');
  }
  return [...new Set([...kept, ...markers])];
}

/** Room for a marker of each kind there is. */
const MARKERS_BYTES = 150;

/** In a JSON list: with quotes and a comma, and up to three bytes for each character beyond ASCII. */
function jsonBytes(value: string): number {
  let bytes = 3;
  for (let i = 0; i < value.length; i += 1) bytes += value.charCodeAt(i) < 0x80 ? 1 : 3;
  return bytes;
}

/** The input of the next run: those that are not over, and what became of the others. */
export function inputOfNextRun(input: DeliveryInput, members: Member[]): DeliveryInput {
  const open = members.filter((member) => !isOver(member));
  const over = members.filter(isOver);
  const next: DeliveryInput = {
    deliveries: {},
    progress: {},
    earlier: { tally: tally(over, input.earlier), outcomes: outcomeValues(over, input.earlier) },
  };
  for (const member of open) {
    (next.deliveries[member.endpointId] ??= []).push(member.id);
    next.progress![member.id] = progressOf(member)!;
  }
  const labels = Object.entries(input.endpoints ?? {}).filter(([id]) => next.deliveries[id]);
  if (labels.length > 0) next.endpoints = Object.fromEntries(labels);
  if (input.eventsPerRun !== undefined) next.eventsPerRun = input.eventsPerRun;
  return next;
}

/** A workflow that carries one delivery, and has never carried more, shows red when that has failed for good. */
export function failureOf(members: Member[], earlier: EarlierRuns | undefined): string | null {
  const [only] = members;
  const wasAlone = Object.keys(earlier?.tally ?? {}).length === 0;
  if (members.length !== 1 || !wasAlone || only!.result !== 'failed') return null;
  return `${only!.answer || 'no answer'} after ${only!.attempts} attempt${only!.attempts === 1 ? '' : 's'}`;
}
