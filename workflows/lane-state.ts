/** What a lane's workflow knows, its input, and what people read of it. Pure, but for the definition of a query. */
import { defineQuery } from '@temporalio/workflow';
import { NO_TALLY, type LaneRun, type LaneTally, type LaneWait } from '../src/lane-run.ts';
import { cell } from './markdown.ts';
import type { EndpointLabel } from './messages.ts';

export interface LaneInput {
  tenantId: string;
  endpointId: string;
  endpoint?: EndpointLabel;
  /** Set in a later run of the same workflow. */
  earlier?: LaneTally;
  manual?: string[];
  cancelled?: string[];
  /** Go on in a new run after so many events of history; absent: when the server suggests it. For tests. */
  eventsPerRun?: number;
}

export interface LaneFlight {
  input: LaneInput;
  tally: LaneTally;
  /** What the last run of the activity came to. */
  last: LaneRun | null;
  /** Something has happened since the lane was last looked at. */
  woken: boolean;
  manual: Set<string>;
  cancelled: Set<string>;
  notes: string[];
}

export const laneStateQuery = defineQuery<Partial<LaneRun>>('lane');

export function createLaneFlight(input: LaneInput): LaneFlight {
  return {
    ...{ input, tally: { ...NO_TALLY, ...input.earlier }, last: null, woken: true, notes: [] },
    manual: new Set(input.manual),
    cancelled: new Set(input.cancelled),
  };
}

/** The input, or what is wrong with it. */
export function readLaneInput(raw: unknown): LaneInput | string {
  const { tenantId, endpointId } = (raw ?? {}) as Partial<LaneInput>;
  if (typeof tenantId !== 'string' || typeof endpointId !== 'string')
    return 'it has no "tenantId" or no "endpointId"';
  return raw as LaneInput;
}

export function inputOfNextRun({ input, tally, manual, cancelled }: LaneFlight): LaneInput {
  return { ...input, earlier: tally, manual: [...manual], cancelled: [...cancelled] };
}

const isoTime = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

export const runSummary = ({ manual }: LaneFlight): string =>
  manual.size === 0 ? 'delivers in order' : `delivers in order, ${manual.size} asked for by hand`;

/** Of the timer: for whom the lane waits. */
export function waitSummary({ waits, waiting }: LaneRun): string {
  const due = waits.filter(({ dueAtMs }) => dueAtMs !== null).sort((a, b) => a.dueAtMs! - b.dueAtMs!)[0];
  const others = waiting > 1 ? ` (${waiting} wait)` : '';
  return due ? `until attempt ${due.attempts + 1} of ${due.deliveryId}${others}` : `${waiting} wait`;
}

/** The current details, in Markdown. */
export function describeLane({ tally, last, notes }: LaneFlight): string {
  const { succeeded, failed, cancelled, held, failedAttempts } = tally;
  const counts = `${succeeded} delivered, ${failed} failed for good, ${cancelled} cancelled, ${held} held; ${failedAttempts} failed attempts`;
  const parts = [counts];
  if (last && last.waiting > 0)
    parts.push(`${last.waiting} wait, with all behind them:`, waitTable(last.waits));
  if (last && last.failures.length > 0) parts.push('Last failed attempts:', failureTable(last));
  if (notes.length > 0) parts.push(notes.map((note) => `- ${note}`).join('\n'));
  return parts.join('\n\n');
}

function waitTable(waits: LaneWait[]): string {
  const rows = waits.map(
    ({ key, deliveryId, attempts, dueAtMs }) =>
      `| ${cell(key)} | ${cell(deliveryId)} | ${attempts} | ${dueAtMs === null ? 'held' : isoTime(dueAtMs)} |`,
  );
  return `| ordering key | delivery | attempts | next attempt |\n|---|---|---|---|\n${rows.join('\n')}`;
}

function failureTable({ failures }: LaneRun): string {
  const rows = failures.map(
    ({ deliveryId, number, atMs, statusCode, message }) =>
      `| ${isoTime(atMs)} | ${cell(deliveryId)} | ${number} | ${cell(message ?? `HTTP ${statusCode}`)} |`,
  );
  return `| when | delivery | attempt | answer |\n|---|---|---|---|\n${rows.join('\n')}`;
}
