/** How much of one kind may be under way, of each tenant and of all. */
import { describe, expect, it } from 'vitest';
import { createTenantSeats } from '../../src/tenant-seats.ts';

const refused = (waitSeconds: number) =>
  expect.objectContaining({ code: 'too_many_requests', retryAfterSeconds: waitSeconds }) as unknown;

describe('seats', () => {
  it('are few at a time, of each tenant and of all', () => {
    const begin = createTenantSeats({ each: 2, all: 3, rate: null });
    const ends = [begin('a'), begin('a')];
    expect(() => begin('a')).toThrow(refused(1));
    begin('b');
    expect(() => begin('b')).toThrow(refused(1));
    for (const end of ends) end();
    const again = begin('b');
    again();
    begin('a');
  });

  it('of a few tenants leave some for the first ones of others', () => {
    const begin = createTenantSeats({ each: 5, all: 100, rate: null });
    let running = 0;
    const takeAll = (tenant: string) => {
      const before = running;
      try {
        for (;;) {
          begin(tenant);
          running += 1;
        }
      } catch (error) {
        expect(error).toMatchObject(refused(1) as object);
        return running - before;
      }
    };
    expect(takeAll('first')).toBe(5);
    const greedy = Array.from({ length: 30 }, (_, n) => takeAll(`greedy ${n}`));
    expect(Math.min(...greedy)).toBeGreaterThan(0);
    expect(takeAll('late')).toBeGreaterThan(0);
    while (takeAll(`more ${running}`) > 0);
    expect(running).toBe(100);
  });

  it('are not many in a minute, and a tenant that waits may go on', () => {
    let nowMs = 1_000_000;
    const begin = createTenantSeats({ each: 9, all: 9, rate: { burst: 3, perMinute: 30 } }, () => nowMs);
    const tryOnce = (tenant: string) => begin(tenant)();
    for (let n = 0; n < 3; n += 1) tryOnce('a');
    expect(() => tryOnce('a')).toThrow(refused(2));
    tryOnce('b');
    nowMs += 2_000;
    tryOnce('a');
    expect(() => tryOnce('a')).toThrow(refused(2));
    nowMs += 3_600_000;
    for (let n = 0; n < 3; n += 1) tryOnce('a');
    // What is refused costs nothing.
    for (let n = 0; n < 5; n += 1) expect(() => tryOnce('a')).toThrow(refused(2));
  });
});
