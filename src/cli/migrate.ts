import { loadConfig } from '../config.ts';
import { migrate, migrationState } from '../store/migrate.ts';
import { EXIT, type ExitCode } from './exit.ts';
import type { Output } from './output.ts';
import { withDatabase } from './own-database.ts';

/** `check`: says what is missing, and 1 when something is. */
export async function runMigrate(output: Output, env: NodeJS.ProcessEnv, check: boolean): Promise<ExitCode> {
  // What production demands of a Posthorn that serves is not needed for its tables.
  const config = loadConfig({ ...env, POSTHORN_ENV: 'development' });
  return withDatabase(config, output.note, async (databaseUrl) => {
    const { missing, unknown } = await migrationState(databaseUrl);
    if (!check) await migrate(databaseUrl);
    output.answer({ ...(check ? { missing } : { applied: missing }), unknown }, () => {
      for (const name of missing) output.line(`${check ? 'missing' : 'applied'} ${name}`);
      if (missing.length === 0) output.line('The database has the newest schema.');
      if (unknown.length > 0) output.line(`It is of a newer version, which also has ${unknown.join(', ')}.`);
    });
    return check && missing.length > 0 ? EXIT.failed : EXIT.ok;
  });
}
