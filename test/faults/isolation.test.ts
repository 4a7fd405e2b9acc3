/** A bad endpoint harms no other, and fills no memory. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { expectCounts, numberOf, numbers, setStage, TENANT, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';

const SECONDS = 5;
const PER_SECOND = 20;
const HANGS_SECONDS = 30;

/** Publishes quick.a at a steady pace; resolves with the milliseconds of publish → receipt, in order. */
async function latenciesOfQuick(stage: Stage, from: number): Promise<number[]> {
  const sentAt = new Map<number, number>();
  const answers: Promise<{ status: number }>[] = [];
  const count = SECONDS * PER_SECOND;
  const startedAt = Date.now();
  for (const n of numbers(from, from + count - 1)) {
    sentAt.set(n, Date.now());
    answers.push(stage.child.call('POST', `${TENANT}/events`, { type: 'quick.a', data: { n } }));
    await sleep(Math.max(0, startedAt + ((n - from + 1) * 1000) / PER_SECOND - Date.now()));
  }
  for (const answer of await Promise.all(answers)) expect(answer.status).toBe(202);
  const received = () => stage.receiver.at('/quick').filter((request) => sentAt.has(numberOf(request)));
  const all = await until(received, (requests) => requests.length >= count);
  return all.map((request) => request.atMs - sentAt.get(numberOf(request))!).sort((a, b) => a - b);
}

const median = (sorted: number[]) => sorted[Math.floor(sorted.length / 2)]!;

/** 64 KiB at a time, as fast as it is taken. */
function pourEndlessly(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 << 10, 'x');
  const pour = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', pour);
  pour();
}

it('an endpoint that hangs, and one whose answer never ends, delay no other and take bounded memory', async ({
  onTestFinished,
}) => {
  const stage = await setStage(onTestFinished);
  await stage.endpoint('/quick', { events: ['quick.*'] });
  await stage.endpoint('/hangs', { events: ['hangs.*'], timeout_seconds: HANGS_SECONDS });
  await stage.endpoint('/endless', { events: ['endless.*'], retry_schedule_seconds: [3600] });
  stage.receiver.answerAt('/hangs', () => {});
  stage.receiver.answerAt('/endless', (_, response) => pourEndlessly(response));
  await latenciesOfQuick(stage, 1_000);
  const quiet = await latenciesOfQuick(stage, 2_000);
  const memoryBefore = stage.child.residentMib();

  await stage.publishMany(1, 500, 'hangs.a');
  await stage.publishMany(1, 20, 'endless.a');
  const noisy = await latenciesOfQuick(stage, 3_000);
  const hanging = stage.receiver.at('/hangs').length;
  expect(hanging).toBeGreaterThan(0);
  expect(hanging).toBeLessThanOrEqual(64);
  // Usual is what it was before, but for the work; and none has waited for one that hangs.
  expect(median(noisy)).toBeLessThan(5 * median(quiet) + 250);
  expect(noisy.at(-1)).toBeLessThan((HANGS_SECONDS * 1000) / 2);
  expectCounts(
    stage.counts('/quick'),
    [1_000, 2_000, 3_000].flatMap((n) => numbers(n, n + 99)),
    1,
  );

  // An answer too long is cut off, and its status code decides.
  const readLog = () =>
    stage.sql<{ kept: number; length: number; status_code: number }>(
      `SELECT length(response_body) AS kept, response_body_bytes AS length, status_code FROM attempts a
         JOIN deliveries d ON d.id = a.delivery_id WHERE d.event_type = 'endless.a'`,
    );
  const log = await until(readLog, (rows) => rows.length === 20);
  for (const { kept, length, status_code } of log) {
    expect([kept, status_code]).toEqual([64 << 10, 200]);
    expect(Number(length)).toBeLessThan(4 << 20);
  }
  expectCounts(stage.counts('/endless'), numbers(1, 20), 1);
  expect(stage.child.residentMib() - memoryBefore).toBeLessThan(150);
});
