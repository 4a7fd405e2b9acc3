import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { makePrivateFolder } from './embedded/private-folder.ts';
import { processRef, runningFromPidFile, type ProcessRef } from './embedded/processes.ts';

/**
 * The admin key: POSTHORN_API_KEY, or in development one that is made at the first start and kept in the data folder,
 * readable by us only. Production has one of its own (config.ts sees to it).
 */
export function readOrMakeApiKey(config: Config): string {
  if (config.apiKey !== null) return config.apiKey;
  makePrivateFolder(config.dataDir);
  const file = join(config.dataDir, 'api-key');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    const key = `ph_${randomBytes(24).toString('base64url')}`;
    writeFileSync(file, `${key}\n`, { mode: 0o600 });
    return key;
  }
}

const placeOf = (dataDir: string): string => join(dataDir, 'api-url');

/** Where the API of that key answers, and which process it is: for commands that may read the key (cli/connect.ts). */
export function noteApiUrl(dataDir: string, url: string): void {
  const file = placeOf(dataDir);
  // Not over what is there: it may be readable by others.
  rmSync(file, { force: true });
  writeFileSync(file, JSON.stringify({ ...processRef(), url }), { mode: 0o600 });
}

/** Null: none runs on this folder. Whoever else listens there now has nothing to do with the key. */
export function ownApiUrl(dataDir: string): string | null {
  if (!runningFromPidFile(placeOf(dataDir))) return null;
  const { url } = JSON.parse(readFileSync(placeOf(dataDir), 'utf8')) as ProcessRef & { url: string };
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}
