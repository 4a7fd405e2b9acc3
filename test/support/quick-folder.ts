import { existsSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** In memory: to make a file takes a hundredth of the time there, and each test's database has some 650 of them. */
const MEMORY = '/dev/shm';
/** More than a whole run leaves in it. */
const ROOM_BYTES = 8 * 2 ** 30;

/** Where {@link quickFolder} may be. */
export const quickFolders = (): string[] => [...(existsSync(MEMORY) ? [MEMORY] : []), tmpdir()];

/** For data of servers that live no longer than a run. Nothing in it is to be executed: some systems do not allow it. */
export const quickFolder = (): string =>
  quickFolders().find((folder) => folder !== MEMORY || hasRoom(folder))!;

function hasRoom(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= ROOM_BYTES;
}
