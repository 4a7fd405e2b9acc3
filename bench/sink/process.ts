/**
 * The sink: an HTTP server in a process of its own that notes when which event arrived, and answers as told. Each
 * endpoint under test is a lane, with the path /lane/<number>; a new run opens new lanes, so that stragglers of an
 * earlier one cannot be counted in.
 */
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { nowMs } from '../clock.ts';
import { Frames } from '../http-frames.ts';
import { serve } from '../rpc.ts';
import { readSeq } from '../sequence.ts';
import { Receipts, type ReceiptSummary } from './receipts.ts';

export type Behaviour =
  { kind: 'answer'; status: number } | { kind: 'slow'; status: number; delayMs: number } | { kind: 'hang' };

export interface Until {
  lane: number;
  /** Resolves as soon as both are reached … */
  distinct?: number;
  received?: number;
  /** … or nothing has arrived for so long, or this long has passed. */
  stallMs: number;
  limitMs: number;
}

interface Lane {
  receipts: Receipts;
  behaviour: Behaviour;
  waiters: { distinct: number; received: number; done: () => void }[];
}

export interface LaneReceipts extends ReceiptSummary {
  counts: Uint8Array;
  firstMs: Float64Array;
  lastMs: Float64Array;
}

const lanes = new Map<number, Lane>();
let nextLane = 1;

const PATH = Buffer.from('/lane/');
const answers = new Map<number, Buffer>();
function answerOf(status: number): Buffer {
  let answer = answers.get(status);
  if (!answer) {
    const text = `HTTP/1.1 ${status} Bench\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok`;
    answers.set(status, (answer = Buffer.from(text)));
  }
  return answer;
}

function onRequest(socket: Socket, bytes: Buffer, start: number, bodyStart: number, end: number): void {
  const lane = laneOf(bytes, start, bodyStart);
  if (!lane) {
    socket.write(answerOf(404));
    return;
  }
  lane.receipts.record(readSeq(bytes, bodyStart, end), nowMs());
  const { behaviour } = lane;
  if (behaviour.kind === 'answer') socket.write(answerOf(behaviour.status));
  else if (behaviour.kind === 'slow')
    setTimeout(() => socket.write(answerOf(behaviour.status)), behaviour.delayMs);
  for (const waiter of lane.waiters) {
    if (lane.receipts.distinct >= waiter.distinct && lane.receipts.received >= waiter.received) waiter.done();
  }
}

function laneOf(bytes: Buffer, start: number, bodyStart: number): Lane | undefined {
  const at = bytes.indexOf(PATH, start);
  if (at < 0 || at >= bodyStart) return undefined;
  let number = 0;
  for (let index = at + PATH.length; bytes[index]! >= 48 && bytes[index]! <= 57; index += 1) {
    number = number * 10 + bytes[index]! - 48;
  }
  return lanes.get(number);
}

const server = createServer((socket) => {
  socket.setNoDelay(true);
  const frames = new Frames((bytes, start, bodyStart, end) =>
    onRequest(socket, bytes, start, bodyStart, end),
  );
  socket.on('data', (chunk) => frames.feed(chunk));
  socket.on('error', () => {});
});

const handlers = {
  listen: () =>
    new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    }),
  open({ size, behaviour }: { size: number; behaviour: Behaviour }): number {
    const lane = nextLane++;
    lanes.set(lane, { receipts: new Receipts(size), behaviour, waiters: [] });
    return lane;
  },
  behave({ lane, behaviour }: { lane: number; behaviour: Behaviour }): void {
    lanes.get(lane)!.behaviour = behaviour;
  },
  summary: (lane: number): ReceiptSummary => lanes.get(lane)!.receipts.summary(),
  receipts(lane: number): LaneReceipts {
    const { receipts } = lanes.get(lane)!;
    const { counts, firstMs, lastMs } = receipts;
    return { ...receipts.summary(), counts, firstMs, lastMs };
  },
  until({ lane: number, distinct = 0, received = 0, stallMs, limitMs }: Until): Promise<ReceiptSummary> {
    const lane = lanes.get(number)!;
    const { receipts } = lane;
    if (receipts.distinct >= distinct && receipts.received >= received)
      return Promise.resolve(receipts.summary());
    return new Promise((resolve) => {
      const startedMs = nowMs();
      const done = () => {
        clearInterval(timer);
        lane.waiters = lane.waiters.filter((other) => other !== waiter);
        resolve(receipts.summary());
      };
      const waiter = { distinct, received, done };
      lane.waiters.push(waiter);
      const timer = setInterval(() => {
        const now = nowMs();
        const quietMs = now - Math.max(startedMs, receipts.lastArrivalMs);
        if (quietMs > stallMs || now - startedMs > limitMs) done();
      }, 100);
    });
  },
  close(lane: number): void {
    lanes.delete(lane);
  },
};

export type SinkHandlers = typeof handlers;

serve(handlers);
