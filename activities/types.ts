/** What workflows and activities say to each other. Types only: workflow code imports this file. */
import type {
  AttemptOutcome,
  DeferredOutcome,
  Outcome,
  SkippedOutcome,
  UnderWayOutcome,
} from '../src/outcome.ts';
import type { RetrySchedule } from '../src/schedule.ts';

/** One delivery's part in a round of attempts. */
export interface AttemptOrder {
  id: string;
  number: number;
  /** Attempts that used up a step of the schedule; left out while all before this one did. */
  scheduled?: number;
  /** Asked for by a person; else it is the schedule's turn. */
  manual?: true;
  /** Nothing to do but note that this workflow carries it now. */
  waiting?: true;
}

export interface AttemptInput {
  orders: AttemptOrder[];
  /** The workflow's first round: it takes these deliveries over. */
  first?: true;
}

/** An outcome in history: its schedule is a place in a table, since hundreds of deliveries share a few. */
export type WireOutcome =
  | (Omit<AttemptOutcome, 'kind' | 'schedule'> & { schedule: number })
  | SkippedOutcome
  | DeferredOutcome
  | UnderWayOutcome;

/** In the order of the orders. */
export interface AttemptResult {
  outcomes: WireOutcome[];
  schedules: RetrySchedule[];
}

export interface UnrecordedAttempt {
  id: string;
  /** Attempts that had used up a step of the schedule before this one. */
  scheduledBefore: number;
  outcome: AttemptOutcome;
}

export interface PublishEventInput {
  tenant: string;
  type: string;
  data: unknown;
  id?: string;
  timestamp?: string;
  environment?: string;
  ordering_key?: string;
}

export interface PublishEventResult {
  id: string;
  delivery_ids: string[];
}

export interface Activities {
  attempt(input: AttemptInput): Promise<AttemptResult>;
  recordAttempts(input: { attempts: UnrecordedAttempt[] }): Promise<void>;
  cancelDeliveries(input: { ids: string[] }): Promise<void>;
  acceptEvent(input: { event: PublishEventInput; idempotencyKey: string }): Promise<PublishEventResult>;
}

export function toWire(outcomes: Outcome[]): AttemptResult {
  const schedules: RetrySchedule[] = [];
  const places = new Map<RetrySchedule, number>();
  const wire = outcomes.map((outcome): WireOutcome => {
    if (outcome.kind !== 'attempt') return outcome;
    const { kind: _kind, schedule, ...rest } = outcome;
    let place = places.get(schedule);
    if (place === undefined) {
      place = schedules.push(schedule) - 1;
      places.set(schedule, place);
    }
    return { ...rest, schedule: place };
  });
  return { outcomes: wire, schedules };
}

export function fromWire(result: AttemptResult): Outcome[] {
  return result.outcomes.map((outcome) =>
    'kind' in outcome
      ? outcome
      : { kind: 'attempt', ...outcome, schedule: result.schedules[outcome.schedule]! },
  );
}
