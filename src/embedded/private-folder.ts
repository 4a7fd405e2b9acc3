/** The data folder holds keys, passwords and databases: it belongs to its user alone, before anything is written into it. */
import { chmodSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What Posthorn puts there, and by which a folder is known as its own. */
const OURS =
  /^(api-key|api-url|posthorn\.pid.*|postgres\..*|postgres-server\.pid.*|temporal\..*|temporal-server\.pid.*)$/;
const OUR_FOLDERS = /^postgres(\.new)?$/;

const OTHERS = 0o077;
const STICKY = 0o1000;

/**
 * Makes the folder, or closes one that an earlier version or somebody's hand left open, with the files in it. When we are
 * root, Postgres runs as another user: then others may pass through, to what is theirs, but not look around. A folder
 * that others may enter and that holds something else is refused rather than taken from them.
 */
export function makePrivateFolder(dir: string): void {
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
  mkdirSync(dir, { recursive: true, mode });
  // For whatever is made from here on, by Postgres and Temporal, too.
  process.umask(process.umask() | OTHERS);
  if (process.platform === 'win32') return;
  const found = statSync(dir);
  const names = readdirSync(dir);
  if ((found.mode & 0o777 & ~mode) !== 0) {
    const foreign = names.find((name) => !OURS.test(name) && !OUR_FOLDERS.test(name));
    if (foreign !== undefined || (found.mode & STICKY) !== 0) {
      throw new Error(
        `The data folder ${dir} is open to other users and holds other things (${foreign ?? 'it is shared'}): ` +
          'set POSTHORN_DATA_DIR to a folder for Posthorn alone.',
      );
    }
    narrow(dir, found.mode & mode);
  }
  for (const name of names.filter((one) => OURS.test(one))) {
    const file = join(dir, name);
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat?.isFile() && (stat.mode & OTHERS) !== 0) narrow(file, stat.mode & 0o700);
  }
}

function narrow(path: string, mode: number): void {
  try {
    chmodSync(path, mode);
  } catch (error) {
    throw new Error(
      `${path} is open to other users, and this user cannot close it (${(error as Error).message}): ` +
        'run Posthorn as its owner, or set POSTHORN_DATA_DIR to another folder.',
      { cause: error },
    );
  }
}
