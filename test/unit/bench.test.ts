import { describe, expect, it } from 'vitest';
import { Frames } from '../../bench/http-frames.ts';
import { summarise } from '../../bench/profile/summary.ts';
import { cpuByKind } from '../../bench/profile/threads.ts';
import { FIRST_SEQ, readSeq } from '../../bench/sequence.ts';
import { parseStat } from '../../bench/servers/processes.ts';
import { compare, Receipts } from '../../bench/sink/receipts.ts';
import { percentile, slope, spread } from '../../bench/statistics.ts';

describe('percentiles', () => {
  it('are values that occurred, the smallest that covers the share', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([0, 0.5, 0.95, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([1, 50, 95, 99, 100]);
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.5)).toBeNull();
  });

  it('are taken of the values in order of size, and rounded', () => {
    expect(spread([100, 9, 20.456])).toEqual({ count: 3, p50: 20.46, p95: 100, p99: 100, max: 100 });
    expect(spread([])).toEqual({ count: 0, p50: null, p95: null, p99: null, max: null });
  });
});

it('the slope of a line is found, and that of a single point is 0', () => {
  expect(slope([1, 2, 3].map((x) => ({ x, y: 5 + 2 * x })))).toBeCloseTo(2);
  expect(slope([{ x: 1, y: 1 }])).toBe(0);
});

describe('receipts', () => {
  it('count every arrival, keep the first and the last time, and tell strange numbers apart', () => {
    const receipts = new Receipts(3);
    receipts.record(1, 100);
    receipts.record(0, 110);
    receipts.record(1, 120);
    receipts.record(-1, 130);
    receipts.record(3, 140);
    expect(receipts.summary()).toEqual({
      received: 5,
      distinct: 2,
      outside: 2,
      firstArrivalMs: 100,
      lastArrivalMs: 140,
    });
    expect([...receipts.counts]).toEqual([1, 2, 0]);
    expect([receipts.firstMs[1], receipts.lastMs[1]]).toEqual([100, 120]);
  });

  it('are held against what was accepted: the rest is neither lost nor missed, but may be a duplicate', () => {
    const statuses = Uint16Array.from([202, 202, 202, 503, 0, 0, 200]);
    const counts = Uint8Array.from([1, 0, 3, 0, 1, 2, 1, 0, 0]);
    expect(compare(counts, statuses)).toEqual({ lost: 1, duplicates: 3, lostSeqs: [1] });
    expect(compare(counts, statuses, 2)).toEqual({ lost: 3, duplicates: 1, lostSeqs: [0, 1, 6] });
  });
});

describe('HTTP messages', () => {
  const message = (body: string) =>
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const stream = Buffer.from(message('{"a":1}') + message('') + message('\r\n\r\n'));

  it.each([1, 3, 50, 1_000])('are found in pieces of %i bytes', (size) => {
    const bodies: string[] = [];
    const frames = new Frames((bytes, _, bodyStart, end) =>
      bodies.push(bytes.toString('latin1', bodyStart, end)),
    );
    for (let at = 0; at < stream.length; at += size) frames.feed(stream.subarray(at, at + size));
    expect(bodies).toEqual(['{"a":1}', '', '\r\n\r\n']);
  });

  it('of unknown length are refused rather than miscounted', () => {
    const frames = new Frames(() => {});
    expect(() => frames.feed(Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'))).toThrow(
      'content-length',
    );
  });
});

it('an event’s number is read from its body alone', () => {
  const bytes = Buffer.from(`"seq":1 {"type":"x","data":{"seq":${FIRST_SEQ + 42},"sent_at_ms":1}} "seq":7`);
  expect(readSeq(bytes, 8, bytes.length - 8)).toBe(42);
  expect(readSeq(bytes, bytes.length - 20, bytes.length - 8)).toBe(-1);
});

describe('a CPU profile', () => {
  const node = (id: number, functionName: string, url: string) => ({
    id,
    callFrame: { functionName, url, lineNumber: 9 },
  });

  it('is summed up by area and by function, without the time in which the thread was idle', () => {
    const nodes = [
      node(1, '(idle)', ''),
      node(2, '(garbage collector)', ''),
      node(3, 'publish', 'file:///home/me/posthorn/dist/src/accept/accept.js'),
      node(4, '', 'file:///home/me/posthorn/node_modules/@temporalio/worker/lib/worker.js'),
      node(5, 'writev', ''),
    ];
    const summary = summarise('main', {
      nodes,
      samples: [1, 3, 3, 4, 5, 2],
      timeDeltas: [9_000, 1_000, 2_000, 500, 4_000, 1_500],
    });
    expect(summary.busyMs).toBe(9);
    expect(summary.areas).toEqual([
      { name: '(native)', ms: 4 },
      { name: 'src/accept/accept.js', ms: 3 },
      { name: '(garbage collector)', ms: 1.5 },
      { name: '@temporalio/worker', ms: 0.5 },
    ]);
    expect(summary.functions.map(({ name }) => name)).toEqual([
      'writev',
      'publish src/accept/accept.js:10',
      '(garbage collector)',
      '(anonymous) @temporalio/worker:10',
    ]);
  });

  it('of the process is split by kind of thread, with threads that began meanwhile', () => {
    const before = new Map([[1, { name: 'main', ms: 100 }]]);
    const after = new Map([
      [1, { name: 'main', ms: 160 }],
      [2, { name: 'tokio-runtime-1', ms: 20 }],
      [3, { name: 'tokio-runtime-2', ms: 30 }],
      [4, { name: 'V8Worker', ms: 0 }],
    ]);
    expect(cpuByKind(before, after)).toEqual([
      ['main', 60],
      ['tokio-runtime', 50],
    ]);
  });

  it('a stat line is read whatever the name in it', () => {
    const line = '4242 (a (strange) name) S 77 1 1 0 -1 4194560 1 2 3 4 12 34 5 6 20 0 11';
    expect(parseStat(line)).toEqual({ name: 'a (strange) name', parent: 77, ownMs: 460, reapedMs: 110 });
  });
});
