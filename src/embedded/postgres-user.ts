/**
 * Postgres refuses to run as root. When Posthorn runs as root (containers, build machines), its Postgres runs as
 * another user; anybody else runs it as themselves.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** How to run a Postgres program: put `prefix` in front of it, and let `owner` own its files. */
export interface PostgresUser {
  prefix: string[];
  owner: { uid: number; gid: number } | null;
}

/** `paths`: everything the programs must reach (their own folder, the data folder). */
export function choosePostgresUser(paths: string[]): PostgresUser {
  if (process.getuid?.() !== 0) return { prefix: [], owner: null };
  const owner = userIds('postgres') ?? userIds('nobody');
  if (!owner) {
    throw new Error(
      'Postgres cannot run as root, and this system has neither a user "postgres" nor "nobody". ' +
        'Start Posthorn as another user, or set DATABASE_URL to a Postgres of your own.',
    );
  }
  const closed = paths.map(firstClosedParent).find((path) => path !== null);
  return { prefix: setprivCommand(owner, closed ?? null), owner };
}

function userIds(name: string): { uid: number; gid: number } | null {
  const id = (flag: string) =>
    Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
}

/** The outermost folder on the way to `path` that other users may not enter, such as /root. */
function firstClosedParent(path: string): string | null {
  const parent = dirname(path);
  const above = parent === path ? null : firstClosedParent(parent);
  if (above) return above;
  const mode = statSync(parent, { throwIfNoEntry: false })?.mode;
  return mode !== undefined && (mode & 0o001) === 0 ? parent : null;
}

/**
 * A change of user, and where a folder on the way is closed to that user (a clone under /root), the one
 * capability it takes to read through it. no_setuid_fixup lets access(2) see that capability, too, which is how
 * Postgres looks for its own program.
 */
function setprivCommand(owner: { uid: number; gid: number }, closedFolder: string | null): string[] {
  const command = ['setpriv', `--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'];
  if (closedFolder) {
    const capability = hasCapability(2) ? 'dac_read_search' : 'dac_override';
    command.push(
      '--securebits=+no_setuid_fixup',
      `--inh-caps=+${capability}`,
      `--ambient-caps=+${capability}`,
    );
  }
  try {
    execFileSync('setpriv', [...command.slice(1), 'true'], { stdio: 'ignore' });
  } catch {
    const why = closedFolder
      ? `the folder ${closedFolder} is closed to other users`
      : 'setpriv does not work here';
    throw new Error(
      `Postgres cannot run as root, and running it as another user fails: ${why}. Start Posthorn as another ` +
        'user, move the clone elsewhere, or set DATABASE_URL to a Postgres of your own.',
    );
  }
  return command;
}

/** Linux capability number, from our own status file; containers drop some of root's. */
function hasCapability(number: number): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> BigInt(number)) & 1n) === 1n;
}
