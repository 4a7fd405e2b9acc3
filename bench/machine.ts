import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Stack } from './servers/stack.ts';

export interface Circumstances {
  machine: { cores: number; cpu: string; memoryGib: number; platform: string };
  versions: { node: string; postgres: string; temporal: string; posthorn: string };
}

export function circumstances(stack: Stack): Circumstances {
  return {
    machine: {
      cores: cpus().length,
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      memoryGib: Math.round(totalmem() / 2 ** 30),
      platform: `${process.platform} ${process.arch}`,
    },
    versions: { node: process.versions.node, ...stack.versions, posthorn: commit() },
  };
}

/** The commit, with a + when the working tree differs from it. */
function commit(): string {
  try {
    const cwd = fileURLToPath(new URL('../..', import.meta.url));
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}
