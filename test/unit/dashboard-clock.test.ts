import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { hearDate, serverNowMs } from '../../web/clock.ts';

const HOUR_MS = 3_600_000;
const SERVER = new Date('2026-11-29T06:00:00Z');

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
// Other files follow in this process.
afterEach(() => void vi.useRealTimers());

it.each([HOUR_MS, -HOUR_MS])('a clock that is %d ms off is put right by what the server says', (offMs) => {
  vi.setSystemTime(SERVER.getTime() + offMs);
  hearDate(SERVER.toUTCString(), 20);
  expect(serverNowMs()).toBe(SERVER.getTime());
});

it('a clock that is about right is left alone, and so is one whose answer was long on its way', () => {
  vi.setSystemTime(SERVER.getTime() + 1_400);
  hearDate(SERVER.toUTCString(), 20);
  expect(serverNowMs()).toBe(SERVER.getTime() + 1_400);
  vi.setSystemTime(SERVER.getTime() + 9_000);
  hearDate(SERVER.toUTCString(), 9_000);
  hearDate(null, 20);
  expect(serverNowMs()).toBe(SERVER.getTime() + 9_000);
});

it('an answer that was long on its way tells of a clock that is further off than that, as far as it is sure', () => {
  vi.setSystemTime(SERVER.getTime() + HOUR_MS);
  hearDate(SERVER.toUTCString(), 9_000);
  const off = (nowMs: number) => Math.abs(serverNowMs() - nowMs);
  expect(off(SERVER.getTime())).toBeLessThanOrEqual(10_000);
  hearDate(SERVER.toUTCString(), 20);
  expect(off(SERVER.getTime())).toBe(0);
  vi.setSystemTime(SERVER.getTime() + HOUR_MS + 9_000);
  hearDate(SERVER.toUTCString(), 9_000);
  expect(off(SERVER.getTime() + 9_000)).toBe(0);
});
