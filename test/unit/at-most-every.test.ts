import { expect, it } from 'vitest';
import { atMostEvery } from '../../src/api/at-most-every.ts';

interface Reading {
  end(value: string): void;
  fail(error: Error): void;
}

function begin(ms: number) {
  const readings: Reading[] = [];
  const read = atMostEvery(
    ms,
    () => new Promise<string>((resolve, reject) => readings.push({ end: resolve, fail: reject })),
  );
  return { read, readings };
}

it('what is slow is read once at a time, however long ago it was begun', async () => {
  const { read, readings } = begin(0);
  const answers = [read()];
  for (let n = 0; n < 5; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    answers.push(read());
  }
  expect(readings).toHaveLength(1);
  readings[0]!.end('a');
  expect(await Promise.all(answers)).toEqual(Array(6).fill('a'));
  const next = read();
  readings[1]!.end('b');
  expect(await next).toBe('b');
});

it('it counts for a while after it was read', async () => {
  const { read, readings } = begin(60_000);
  const first = read();
  readings[0]!.end('a');
  await first;
  expect(await read()).toBe('a');
  expect(readings).toHaveLength(1);
});

it('a fault is told to those who waited for it, and whoever asks then begins anew', async () => {
  const { read, readings } = begin(60_000);
  const [one, other] = [read(), read()];
  readings[0]!.fail(new Error('away'));
  await expect(one).rejects.toThrow('away');
  await expect(other).rejects.toThrow('away');
  const next = read();
  readings[1]!.end('a');
  expect(await next).toBe('a');
});
