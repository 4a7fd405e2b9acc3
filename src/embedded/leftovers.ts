import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runningFromPidFile, stopProcess } from './processes.ts';

const YOUNG_MS = 10_000;

/**
 * Servers and files of runs that were killed before they could clean up: of folders in this one whose name begins so. For tests and
 * the benchmark, whose folders lie where others have theirs.
 */
export async function removeLeftovers(folder: string, prefix: string): Promise<void> {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith(prefix))) {
    const dir = join(folder, name);
    const found = lstatSync(dir, { throwIfNoEntry: false });
    // What a stranger's file says about processes is nothing to act upon.
    if (!found?.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) continue;
    const ageMs = Date.now() - found.ctimeMs;
    if (ageMs < YOUNG_MS || runningFromPidFile(join(dir, 'posthorn.pid'))) continue; // another run's
    for (const pidFile of ['postgres-server.pid', 'temporal-server.pid']) {
      const leftover = runningFromPidFile(join(dir, pidFile));
      if (leftover) await stopProcess(leftover, [{ signal: 'SIGKILL', waitMs: 2_000 }]);
    }
    // The server's own processes outlive it by a moment, and may still write.
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}
