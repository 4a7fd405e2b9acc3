/** Open loop: events are due at a fixed rate, whatever becomes of the earlier ones, and count from when they were due. */
import { nowMs, sleep } from '../clock.ts';
import { spread, type Spread } from '../statistics.ts';
import { LoadConnection, type Target } from './connection.ts';
import { Ledger, type Published } from './ledger.ts';

export interface OpenLoop {
  target: Target;
  perSecond: number;
  durationMs: number;
}

export interface PacedPublished extends Published {
  /** How late the generator itself sent, ms: part of every latency, so it should be small. */
  lateMs: Spread;
}

const WARM_CONNECTIONS = 16;
const MAX_CONNECTIONS = 256;
const LAST_ANSWERS_MS = 10_000;
/** A timer is good to a millisecond or so: the last stretch is waited for in the kernel, without spinning. */
const TIMER_MARGIN_MS = 1.5;

export async function runOpenLoop({ target, perSecond, durationMs }: OpenLoop): Promise<PacedPublished> {
  const total = Math.round((perSecond * durationMs) / 1000);
  const ledger = new Ledger(total);
  const idle: LoadConnection[] = [];
  const queue: number[] = [];
  let opened = 0;
  let answered = 0;

  function open(): void {
    opened += 1;
    const ready = (connection: LoadConnection) => {
      const seq = queue.shift();
      if (seq === undefined) idle.push(connection);
      else connection.publish(seq);
    };
    new LoadConnection(target, {
      onReady: ready,
      onAnswer(connection, seq, status) {
        answered += 1;
        ledger.answer(seq, status, nowMs());
        ready(connection);
      },
      onGone(connection, seq) {
        opened -= 1;
        if (seq !== null) answered += 1;
        else if (idle.includes(connection)) idle.splice(idle.indexOf(connection), 1);
        if (queue.length > 0) setTimeout(open, 25);
      },
    });
  }

  while (opened < WARM_CONNECTIONS) open();
  await sleep(200);
  const startedMs = nowMs();
  const lateMs = new Float64Array(total);
  for (let index = 0; index < total; index += 1) {
    const dueMs = startedMs + (index * 1000) / perSecond;
    await until(dueMs);
    lateMs[index] = nowMs() - dueMs;
    const seq = ledger.take(dueMs);
    const connection = idle.pop();
    if (connection) connection.publish(seq);
    else {
      queue.push(seq);
      if (opened < MAX_CONNECTIONS) open();
    }
  }
  const giveUpMs = nowMs() + LAST_ANSWERS_MS;
  while (answered < total && nowMs() < giveUpMs) await sleep(5);
  const endedMs = nowMs();
  while (idle.length > 0) idle.pop()!.end();
  return { ...ledger.result(startedMs, endedMs), lateMs: spread(lateMs) };
}

const cell = new Int32Array(new SharedArrayBuffer(4));

async function until(dueMs: number): Promise<void> {
  // At least one turn of the event loop per event, so that answers are read.
  await new Promise((resolve) => setImmediate(resolve));
  for (let waitMs = dueMs - nowMs(); waitMs > 0; waitMs = dueMs - nowMs()) {
    if (waitMs > TIMER_MARGIN_MS) await sleep(Math.max(1, Math.floor(waitMs - TIMER_MARGIN_MS)));
    else Atomics.wait(cell, 0, 0, waitMs);
  }
}
