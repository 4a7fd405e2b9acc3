/** Closed loop: every connection publishes its next event as soon as the last one is answered. */
import { nowMs } from '../clock.ts';
import { LoadConnection, type Target } from './connection.ts';
import { Ledger, type Published } from './ledger.ts';

export interface ClosedLoop {
  target: Target;
  connections: number;
  /** Publishes until so many are accepted … */
  count?: number;
  /** … or for so long. */
  durationMs?: number;
  /** Sequence numbers that may be used, at most. */
  capacity: number;
  /** Ends whatever happens. */
  limitMs: number;
}

/** After a refused connection, and after an answer other than 2xx. */
const RETRY_MS = 25;

export interface RunningLoop {
  done: Promise<Published>;
  accepted(): number;
}

export function startClosedLoop(options: ClosedLoop): RunningLoop {
  const { target, count = Infinity, durationMs = Infinity } = options;
  const ledger = new Ledger(options.capacity);
  const startedMs = nowMs();
  const endMs = startedMs + Math.min(durationMs, options.limitMs);
  let inFlight = 0;
  let open = 0;
  let finish: (published: Published) => void;
  const done = new Promise<Published>((resolve) => (finish = resolve));

  const mayPublish = () =>
    ledger.accepted + inFlight < count && ledger.used < options.capacity && nowMs() < endMs;
  const isOver = () => ledger.accepted >= count || ledger.used >= options.capacity || nowMs() >= endMs;

  function next(connection: LoadConnection): void {
    if (isOver()) {
      connection.end();
      closed();
    } else if (mayPublish()) {
      inFlight += 1;
      connection.publish(ledger.take(nowMs()));
    } else {
      // The last ones are under way; should one of them fail, this connection makes up for it.
      setTimeout(() => next(connection), 2);
    }
  }

  function closed(): void {
    open -= 1;
    if (open === 0) finish(ledger.result(startedMs, nowMs()));
  }

  function connect(): void {
    new LoadConnection(target, {
      onReady: next,
      onAnswer(connection, seq, status) {
        inFlight -= 1;
        ledger.answer(seq, status, nowMs());
        if (status < 300) next(connection);
        else setTimeout(() => next(connection), RETRY_MS);
      },
      onGone(_, seq) {
        if (seq !== null) inFlight -= 1;
        if (isOver()) closed();
        else setTimeout(connect, RETRY_MS);
      },
    });
  }

  for (; open < options.connections; open += 1) connect();
  return { done, accepted: () => ledger.accepted };
}
