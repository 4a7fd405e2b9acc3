import pg from 'pg';
import type { Config } from '../../config.ts';
import { readLockRoom } from '../../store/lock-room.ts';
import { migrationState } from '../../store/migrate.ts';
import { describeTrouble } from '../../store/pool.ts';
import type { Report } from './report.ts';

const PATIENCE_MS = 5_000;
/** Receivers allow five minutes between the time that we signed and their own. */
const MUCH_SKEW_MS = 2_000;
const TOO_MUCH_SKEW_MS = 60_000;
/** Of a worker; posthorn.ts counts them out of its pools. */
const WORKER_CONNECTIONS = 8;

export async function checkPostgres(report: Report, url: string, config: Config): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: PATIENCE_MS,
    query_timeout: PATIENCE_MS,
    application_name: 'posthorn doctor',
  });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    const { message } = error as Error;
    report.fail(
      'postgres',
      `${describeTrouble(error)} (${message || (error as NodeJS.ErrnoException).code})`,
      'Is DATABASE_URL right, and is the server up and reachable from here?',
    );
    return;
  }
  try {
    await checkServer(report, client);
    await checkClock(report, client);
    if (await checkMigrations(report, url)) await checkLocks(report, client, config);
  } catch (error) {
    report.fail('postgres', describeTrouble(error), (error as Error).message);
  } finally {
    await client.end();
  }
}

async function checkServer(report: Report, client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: string; read_only: string }>(
    `SELECT current_setting('server_version') AS version, current_setting('transaction_read_only') AS read_only`,
  );
  const { version, read_only: readOnly } = rows[0]!;
  if (readOnly === 'on')
    report.fail(
      'postgres',
      `${version} takes no writes: it is read-only`,
      'Let DATABASE_URL lead to the primary.',
    );
  else report.ok('postgres', `${version}, at ${client.host}:${client.port}`);
}

/** Its clock against ours: it says what is due, ours when something was signed. */
async function checkClock(report: Report, client: pg.Client): Promise<void> {
  const askedAtMs = Date.now();
  const { rows } = await client.query<{ now_ms: string }>(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms',
  );
  const answeredAtMs = Date.now();
  // It was asked somewhere between; only what lies outside is skew.
  const its = Number(rows[0]!.now_ms);
  const skewMs = its < askedAtMs ? its - askedAtMs : its > answeredAtMs ? its - answeredAtMs : 0;
  const size = Math.abs(skewMs);
  const message =
    size < 5 ? 'agrees with ours' : `${Math.round(size)} ms ${skewMs > 0 ? 'ahead of' : 'behind'} ours`;
  const advice =
    'Keep both machines on time (NTP): receivers refuse what was signed too long ago, or in the future.';
  if (size >= TOO_MUCH_SKEW_MS) report.fail('postgres: clock', message, advice);
  else if (size >= MUCH_SKEW_MS) report.warn('postgres: clock', message, advice);
  else report.ok('postgres: clock', message);
}

async function checkMigrations(report: Report, url: string): Promise<boolean> {
  const { missing, unknown } = await migrationState(url);
  if (missing.length > 0)
    report.warn(
      'postgres: migrations',
      `the schema lacks ${missing.join(', ')}`,
      'The next start applies them; to do it before: posthorn migrate',
    );
  else if (unknown.length > 0)
    report.warn(
      'postgres: migrations',
      `the schema is of a newer version, which also has ${unknown.join(', ')}`,
      'Fine while that version is rolled out; else use the newer Posthorn here, too.',
    );
  else report.ok('postgres: migrations', 'the newest schema');
  return missing.length === 0;
}

async function checkLocks(report: Report, client: pg.Client, { retentionDays }: Config): Promise<void> {
  const found = await readLockRoom(client, { retentionDays, connections: WORKER_CONNECTIONS });
  if (found.room >= found.needed)
    return report.ok('postgres: locks', `room for ${found.room}; a worker may take ${found.needed}`);
  const advised = Math.ceil(found.needed / found.maxConnections / 64) * 64;
  report.warn(
    'postgres: locks',
    `room for ${found.room}, and a worker may take ${found.needed} with ${retentionDays} days kept`,
    `Set max_locks_per_transaction to ${advised} or more and restart Postgres, or keep fewer days (RETENTION_DAYS).`,
  );
}
