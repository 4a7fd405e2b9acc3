import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What this process counts; docs/operating.md says what to watch. Each process has its own, each test too. */
export type Metrics = ReturnType<typeof createMetrics>;

const ATTEMPT_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const DELAY_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 120, 600];
const GROUP_SIZES = [1, 2, 5, 10, 25, 50, 100, 250, 500];

/** No label has values that callers or receivers choose: the number of series is fixed. */
export function createMetrics() {
  const registry = new Registry();
  const common = { registers: [registry] };
  const groupSize = new Histogram({
    ...common,
    name: 'posthorn_group_commit_size',
    help: 'Items written to Postgres in one statement: events (accept), attempts (record)',
    labelNames: ['what'],
    buckets: GROUP_SIZES,
  });
  return {
    registry,
    eventsAccepted: new Counter({
      ...common,
      name: 'posthorn_events_accepted_total',
      help: 'Events committed and answered 202 by this process',
    }),
    deliveriesAccepted: new Counter({
      ...common,
      name: 'posthorn_deliveries_accepted_total',
      help: 'Deliveries committed with those events',
    }),
    deliveriesEnded: new Counter({
      ...common,
      name: 'posthorn_deliveries_ended_total',
      help: 'Deliveries whose attempts here ended them: succeeded, or failed for good',
      labelNames: ['status'],
    }),
    attempts: new Counter({
      ...common,
      name: 'posthorn_attempts_total',
      help: 'Attempts by what they came to: succeeded, or the error_class of the log',
      labelNames: ['class'],
    }),
    attemptsDelayed: new Counter({
      ...common,
      name: 'posthorn_attempts_delayed_total',
      help: 'Attempts put off by their endpoint: its rate_limit is used up, or it answered Retry-After (retry_after)',
      labelNames: ['reason'],
    }),
    attemptSeconds: new Histogram({
      ...common,
      name: 'posthorn_attempt_duration_seconds',
      help: 'From the first byte sent, or the connection asked for, to the end of the answer',
      buckets: ATTEMPT_SECONDS,
    }),
    firstAttemptDelaySeconds: new Histogram({
      ...common,
      name: 'posthorn_first_attempt_delay_seconds',
      help: 'From accepting an event to the beginning of the first attempt of each of its deliveries',
      buckets: DELAY_SECONDS,
    }),
    workflowStarts: new Counter({
      ...common,
      name: 'posthorn_workflow_starts_total',
      help: 'Starts of delivery workflows asked of Temporal: started, or failed (and tried again)',
      labelNames: ['result'],
    }),
    setSize: new Histogram({
      ...common,
      name: 'posthorn_set_size',
      help: 'Deliveries carried by each workflow that was started',
      buckets: GROUP_SIZES,
    }),
    acceptGroupSize: groupSize.labels('accept'),
    recordGroupSize: groupSize.labels('record'),
    claims: new Counter({
      ...common,
      name: 'posthorn_claimed_deliveries_total',
      help: 'Deliveries taken from the table: left for lack of room, taken over, or released',
    }),
    workflowTaskFailures: new Counter({
      ...common,
      name: 'posthorn_workflow_task_failures_total',
      help: 'Workflow tasks that failed here: a workflow whose tasks keep failing stands still',
    }),
    mails: new Counter({
      ...common,
      name: 'posthorn_mails_total',
      help: 'Addresses of notification mails, by what the mail server said: accepted, refused (for good), deferred (tried again)',
      labelNames: ['result'],
    }),
    sandboxTasks: new Counter({
      ...common,
      name: 'posthorn_sandbox_tasks_total',
      help: 'Schemas and templates carried out: done, error (their own), limit (of time or memory), busy, fault',
      labelNames: ['result'],
    }),
    sandboxProcesses: new Counter({
      ...common,
      name: 'posthorn_sandbox_processes_total',
      help: 'Processes of the sandbox that were started: with the first task after a rest, and after one was ended',
    }),
    heartbeatsLost: new Counter({
      ...common,
      name: 'posthorn_taken_for_dead_total',
      help: 'Times that others took this process for dead and it left them its work',
    }),
  };
}

/** A gauge that is read when somebody asks. */
export function watch(metrics: Metrics, name: string, help: string, read: () => number): void {
  new Gauge({
    registers: [metrics.registry],
    name,
    help,
    collect() {
      this.set(read());
    },
  });
}
