/** What the Web UI shows of a workflow: summaries of its timers and activities, and its current details. Pure. */
import { cell, code } from './markdown.ts';
import { nextWakeMs, wantedAtMs, wantsAttempt, type Member } from './members.ts';
import type { DeliveryInput } from './messages.ts';

/** Rows of the table: the unhappy first, and the query `state` has all. */
const MAX_ROWS = 20;
/** Temporal refuses summaries of more than 400 bytes. */
const SUMMARY_CHARS = 120;

/** `attempt 3 of 10`, as far as the schedule is known: it comes with the first outcome. */
export function attemptSummary(group: Member[]): string {
  const one = group[0]!;
  if (group.length > 1)
    return `${group.length} deliveries, ${ordinal(one)}${alike(group) ? '' : ' and others'}`;
  return one.manual ? `attempt ${one.attempts + 1}, asked for by hand` : ordinal(one);
}

/** Of a timer: what the last attempt came to, and which one is waited for. */
export function timerSummary(members: Member[], wakeAtMs: number): string {
  const due = members.filter((member) => wantsAttempt(member, wakeAtMs));
  if (due.length !== 1) return `until ${attemptSummary(due)}`;
  const answer = lastAnswer(due[0]!);
  return `${answer && `${answer}; `}until ${attemptSummary(due)}`.slice(0, SUMMARY_CHARS);
}

function ordinal(member: Member): string {
  const number = member.attempts + 1;
  return member.maxRetries === null ? `attempt ${number}` : `attempt ${number} of ${attemptsInAll(member)}`;
}

/** Attempts by hand come on top of the schedule. */
const attemptsInAll = ({ attempts, scheduled, maxRetries }: Member): number =>
  Math.max(attempts, attempts - scheduled + 1 + maxRetries!);

const alike = (group: Member[]): boolean => group.every((member) => ordinal(member) === ordinal(group[0]!));

const lastAnswer = ({ answer, tookMs }: Member): string =>
  answer && `${answer} in ${tookMs < 1_000 ? `${tookMs} ms` : `${(tookMs / 1_000).toFixed(1)} s`}`;

/** The current details (Markdown): a table of the deliveries, and what could not be done. */
export function describe(members: Member[], input: DeliveryInput, notes: string[]): string {
  const shown = members.length > MAX_ROWS ? unhappyFirst(members).slice(0, MAX_ROWS) : unhappyFirst(members);
  const parts = [members.length > 1 || input.earlier ? heading(members, input) : '', table(shown, input)];
  const hidden = members.length - shown.length;
  if (hidden > 0) parts.push(`and ${hidden} more: the query \`state\` has all.`);
  if (notes.length > 0) parts.push(notes.map((note) => `- ${note}`).join('\n'));
  return parts.filter((part) => part !== '').join('\n\n');
}

function heading(members: Member[], { earlier }: DeliveryInput): string {
  const counts = new Map<string, number>(Object.entries(earlier?.tally ?? {}));
  for (const member of members) counts.set(statusOf(member), (counts.get(statusOf(member)) ?? 0) + 1);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const next = nextWakeMs(members);
  const parts = [...counts].map(([status, count]) => `${count} ${status}`);
  return `${total} deliveries: ${parts.join(', ')}${next ? ` — next attempts **${isoTime(next)}**` : ''}`;
}

function table(members: Member[], { endpoints }: DeliveryInput): string {
  const rows = members.map((member) => {
    const label = endpoints?.[member.endpointId];
    const name = label?.name ? `${cell(label.name)} (${cell(member.endpointId)})` : cell(member.endpointId);
    const attempts =
      member.maxRetries === null ? member.attempts : `${member.attempts} of ${attemptsInAll(member)}`;
    const next = wantedAtMs(member);
    const log = `\`/v1/tenants/${code(label?.tenant ?? '…')}/deliveries/${code(member.id)}\``;
    const cells = [
      name,
      cell(label?.host ?? ''),
      statusOf(member),
      attempts,
      cell(lastAnswer(member)),
      next ? isoTime(next) : '',
    ];
    return `| ${[...cells, log].join(' | ')} |`;
  });
  const head = '| endpoint | host | status | attempts | last answer | next attempt | log |';
  return [head, '|---|---|---|---|---|---|---|', ...rows].join('\n');
}

function statusOf({ busy, result, attempts }: Member): string {
  if (busy) return 'attempting';
  return result ?? (attempts === 0 ? 'pending' : 'retrying');
}

const UNHAPPINESS: Record<string, number> = {
  failed: 0,
  missing: 0,
  held: 1,
  retrying: 2,
  attempting: 2,
  pending: 3,
};

function unhappyFirst(members: Member[]): Member[] {
  const rank = (member: Member) => UNHAPPINESS[statusOf(member)] ?? 4;
  return [...members].sort((a, b) => rank(a) - rank(b) || b.attempts - a.attempts);
}

const isoTime = (ms: number): string => new Date(ms).toISOString();
