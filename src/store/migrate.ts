import { runner } from 'node-pg-migrate';
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The folder `migrations/`, found from the sources and from dist/ alike. */
function migrationsDir(): string {
  for (const up of ['../../migrations', '../../../migrations']) {
    const dir = fileURLToPath(new URL(up, import.meta.url));
    if (existsSync(dir)) return dir;
  }
  throw new Error('The folder "migrations" is missing beside src/: reinstall Posthorn.');
}

/**
 * Brings the database at `databaseUrl` to the newest schema. Several processes may start at once: the
 * migrator holds an advisory lock, and who comes second waits for it here.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await runner({
        databaseUrl,
        dir: migrationsDir(),
        direction: 'up',
        migrationsTable: 'posthorn_migrations',
        log: () => {},
      });
      return;
    } catch (error) {
      const busy = error instanceof Error && /already running/i.test(error.message);
      if (!busy || tries >= 120) throw error;
      await sleep(500);
    }
  }
}
