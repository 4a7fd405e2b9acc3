/** A deployment: stopped in order, and started again, under load. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { numbers, setStage } from '../support/stage.ts';
import { until } from '../support/until.ts';

describe.concurrent.each(['fast', 'strict'])('stopped by SIGTERM, with DISPATCH=%s,', (mode) => {
  it('finishes what is under way, and delivers the rest after the next start: each once', async ({
    onTestFinished,
  }) => {
    const stage = await setStage(onTestFinished, { env: { DISPATCH: mode, MAX_IN_FLIGHT: '8' } });
    await stage.endpoint('/a');
    stage.receiver.answer((_, response) => void setTimeout(() => response.end(), 200));
    const accepted: number[] = [];
    let published = 0;
    let done = false;
    const publishers = numbers(1, 6).map(async () => {
      while (!done) {
        const n = ++published;
        const status = await stage.publish(n).then(
          (answer) => answer.status,
          () => 'no connection',
        );
        if (status === 202) accepted.push(n);
        await sleep(60);
      }
    });
    const acceptMore = async (count: number) => {
      const wanted = accepted.length + count;
      await until(
        () => accepted.length,
        (length) => length >= wanted,
      );
    };
    await acceptMore(100);
    await stage.child.terminate();
    expect(stage.child.endedAs()).toBe('exit code 0');
    await stage.child.restart();
    await acceptMore(100);
    done = true;
    await Promise.all(publishers);
    const total = (await stage.sql('SELECT 1 FROM deliveries')).length;
    await stage.deliveries('succeeded', total);
    const counts = stage.counts('/a');
    expect(accepted.filter((n) => counts.get(n) !== 1)).toEqual([]);
    expect([counts.size, Math.max(...counts.values())]).toEqual([total, 1]);
  });
});
