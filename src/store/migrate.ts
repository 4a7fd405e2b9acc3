import { fileURLToPath } from 'node:url';
import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { keepDaysReady, type Warns } from './days-ahead.ts';

const SILENT = { warn() {} };
const TABLE = 'posthorn_migrations';
/** For somebody who wants to know how it stands. */
const ASK_MS = 5_000;
/** A start waits for a server that lets it in late (node-postgres' own word for it). */
const AS_LONG_AS_IT_TAKES = 0;

/** The folder `migrations/`, found from the sources and from dist/ alike. */
function migrationsDir(): string {
  for (const up of ['../../migrations', '../../../migrations']) {
    const dir = fileURLToPath(new URL(up, import.meta.url));
    if (existsSync(dir)) return dir;
  }
  throw new Error('The folder "migrations" is missing beside src/: reinstall Posthorn.');
}

/**
 * Brings the database at `databaseUrl` to the newest schema, with partitions for the days to come as far as they can be
 * had. Several processes may start at once: the migrator holds an advisory lock, and who comes second waits for it here.
 */
export async function migrate(databaseUrl: string, log: Warns = SILENT): Promise<void> {
  const { missing, unknown } = await migrationState(databaseUrl, AS_LONG_AS_IT_TAKES);
  // What it makes of some that it does not know is the migrator's to say.
  if (missing.length + unknown.length > 0) await runMigrations(databaseUrl);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await keepDaysReady(client, log);
  } finally {
    await client.end();
  }
}

async function runMigrations(databaseUrl: string): Promise<void> {
  // The migrator stays in memory, and most starts have nothing for it.
  const { runner } = await import('node-pg-migrate');
  for (let tries = 0; ; tries += 1) {
    try {
      const where = { databaseUrl, dir: migrationsDir(), migrationsTable: TABLE };
      await runner({ ...where, direction: 'up', log: () => {} });
      return;
    } catch (error) {
      const busy = error instanceof Error && /already running/i.test(error.message);
      if (!busy || tries >= 120) throw error;
      await sleep(500);
    }
  }
}

/** Which migrations the database lacks, and which it has that this version does not know. Changes nothing. */
export async function migrationState(
  databaseUrl: string,
  patienceMs = ASK_MS,
): Promise<{ missing: string[]; unknown: string[] }> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: patienceMs });
  await client.connect();
  try {
    // Where the migrator keeps it, whatever the search path is, and whoever else has one of that name.
    const { rows: tables } = await client.query(
      `SELECT FROM pg_tables WHERE schemaname = 'public' AND tablename = '${TABLE}'`,
    );
    const { rows } =
      tables.length > 0
        ? await client.query<{ name: string }>(`SELECT name FROM public.${TABLE}`)
        : { rows: [] };
    const applied = new Set(rows.map(({ name }) => name));
    const known = readdirSync(migrationsDir())
      .filter((file) => file.endsWith('.sql'))
      .map((file) => file.replace(/\.sql$/, ''))
      .sort();
    return {
      missing: known.filter((name) => !applied.has(name)),
      unknown: [...applied].filter((name) => !known.includes(name)).sort(),
    };
  } finally {
    await client.end();
  }
}
