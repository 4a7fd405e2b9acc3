/** The workers of a process are made sooner or later, or the process ends: it never goes on without them. */
import { ServiceError } from '@temporalio/client';
import { pino } from 'pino';
import { expect, inject, it, onTestFinished } from 'vitest';
import { createTemporalLink } from '../../src/temporal/link.ts';
import type { DeliveryWorkers } from '../../src/temporal/worker.ts';

const workers: DeliveryWorkers = { running: new Promise(() => {}), stop: () => Promise.resolve() };

function openLink(createWorkers: () => Promise<DeliveryWorkers>) {
  const failures: unknown[] = [];
  const link = createTemporalLink({
    address: inject('temporalAddress'),
    isEmbedded: false,
    createWorkers,
    onWorkersFailed: (error) => failures.push(error),
    log: pino({ level: 'silent' }),
  });
  onTestFinished(() => link.close());
  return { link, failures };
}

it('what Temporal did not do while they were made is asked for again', async () => {
  let tries = 0;
  const { link, failures } = openLink(() => {
    tries += 1;
    // What a schedule client says when the connection breaks.
    return tries < 3
      ? Promise.reject(new ServiceError('Failed to create schedule'))
      : Promise.resolve(workers);
  });
  await link.connect();
  expect(tries).toBe(3);
  expect(link.current()).not.toBeNull();
  expect(failures).toEqual([]);
});

it('what is wrong in this process ends it', async () => {
  const wrong = new TypeError('no such bundle');
  const { link, failures } = openLink(() => Promise.reject(wrong));
  await expect(link.connect()).rejects.toBe(wrong);
  expect(failures).toEqual([wrong]);
});
