import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder } from './private-folder.ts';
import { processRef, runningFromPidFile } from './processes.ts';

/**
 * Takes the data folder for this process and returns the function that gives it back. Throws when another
 * Posthorn runs on it. A lock whose process has ended (kill -9, power cut) counts for nothing.
 */
export function lockDataDir(dataDir: string): () => void {
  makePrivateFolder(dataDir);
  const lock = join(dataDir, 'posthorn.pid');
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(processRef()));
  try {
    while (!tryLink(mine, lock)) {
      const owner = runningFromPidFile(lock);
      if (owner) throw new Error(inUseMessage(dataDir, owner.pid));
      setAside(lock);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  const release = () => {
    process.off('exit', release);
    rmSync(lock, { force: true });
  };
  process.on('exit', release);
  return release;
}

/** link() fails when the name exists, so of two processes only one gets the lock. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a stale lock, unless somebody else replaced it by a live one since we looked: that one goes back. */
function setAside(lock: string): void {
  const aside = `${lock}.stale-${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (runningFromPidFile(aside)) tryLink(aside, lock);
  rmSync(aside, { force: true });
}

function inUseMessage(dataDir: string, pid: number): string {
  return (
    `Another Posthorn (process ${pid}) is running on the data folder ${dataDir}.\n` +
    'Stop it first, or start this one with its own folder and port: ' +
    'POSTHORN_DATA_DIR=.posthorn-2 PORT=8090 npm start'
  );
}
