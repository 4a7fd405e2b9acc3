/** Everything that is sealed, sealed anew with the newest key. */
import { loadConfig } from '../config.ts';
import { migrate } from '../store/migrate.ts';
import { createPool } from '../store/pool.ts';
import { resealAll } from '../store/reseal.ts';
import { createSeal } from '../store/seal.ts';
import { CliError, EXIT, usageError, type ExitCode } from './exit.ts';
import type { Output } from './output.ts';
import { withDatabase } from './own-database.ts';

/** 1 when something is left that no key opens. */
export async function sealAgain(output: Output, env: NodeJS.ProcessEnv): Promise<ExitCode> {
  const config = loadConfig(env);
  if (config.encryptionKeys.length === 0)
    throw usageError('POSTHORN_ENCRYPTION_KEYS: missing: set it to the keys, newest first.');
  const unreadable: { endpoint_id: string; reason: string }[] = [];
  const reseal = async (databaseUrl: string) => {
    await migrate(databaseUrl);
    const pool = createPool(databaseUrl, 1);
    return resealAll(pool, createSeal(config.encryptionKeys), (id, reason) => {
      unreadable.push({ endpoint_id: id, reason });
      output.note(`${id}: ${reason}`);
    }).finally(() => pool.end());
  };
  const counts = await withDatabase(config, output.note, reseal).catch((error: unknown) => {
    throw new CliError(`Nothing more was sealed anew: ${(error as Error).message}`);
  });
  output.answer({ ...counts, unreadable }, () =>
    output.line(
      `${counts.endpoints} endpoints: ${counts.resealed} sealed anew, ${counts.current} were sealed with the newest key ` +
        `already, ${counts.unreadable} cannot be read.`,
    ),
  );
  return counts.unreadable > 0 ? EXIT.failed : EXIT.ok;
}
