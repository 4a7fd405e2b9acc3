import pino from 'pino';
import { expect, it, vi } from 'vitest';
import { Closers } from '../../src/closers.ts';

it('what was started is ended in the reverse order, once, and one that fails keeps no other from ending', async () => {
  const log = pino({ level: 'silent' });
  const error = vi.spyOn(log, 'error');
  const closers = new Closers(log);
  const ended: string[] = [];
  closers.push('pool', () => void ended.push('pool'));
  closers.push('listener', () => Promise.reject(new Error('gone already')));
  closers.push('api', async () => {
    await Promise.resolve();
    ended.push('api');
  });
  await Promise.all([closers.closeAll(), closers.closeAll()]);
  expect(ended).toEqual(['api', 'pool']);
  expect(error).toHaveBeenCalledTimes(1);
  expect(error.mock.calls[0]![1]).toBe('listener could not be closed');
});
