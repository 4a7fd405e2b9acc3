/** However Posthorn is started, it runs with the memory settings it was measured with, as the process that was started. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { NODE_FLAGS } from '../../src/memory-settings.ts';
import { startChild } from '../support/child.ts';
import { createDatabase } from '../support/posthorn.ts';

const linux = process.platform === 'linux';
const read = (pid: number, file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0');

it.runIf(linux)(
  '"node dist/src/main.js" becomes a Node with its flags, under the same process id',
  async () => {
    const child = await startChild({ databaseUrl: await createDatabase(), bare: true });
    try {
      expect(read(child.pid(), 'cmdline')).toEqual(expect.arrayContaining(NODE_FLAGS));
      expect(read(child.pid(), 'environ')).toContain('MALLOC_ARENA_MAX=2');
    } finally {
      await child.terminate();
    }
    expect(child.endedAs()).toBe('exit code 0');
  },
);

it.runIf(linux)('flags that an operator gave stay, and are not given twice', async () => {
  const env = { NODE_OPTIONS: '--max-semi-space-size=16', MALLOC_ARENA_MAX: '4' };
  const child = await startChild({ databaseUrl: await createDatabase(), env, bare: true });
  try {
    const flags = read(child.pid(), 'cmdline').filter((argument) => argument.startsWith('--'));
    expect(flags).toEqual(NODE_FLAGS.slice(1));
    expect(read(child.pid(), 'environ')).toContain('MALLOC_ARENA_MAX=4');
  } finally {
    await child.terminate();
  }
});
