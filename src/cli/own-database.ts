/** The database of commands that work on it themselves: DATABASE_URL, or Posthorn's own, started for the occasion. */
import type { Config } from '../config.ts';
import { startEmbedded } from '../embedded/index.ts';

export type OwnDatabase = Pick<Config, 'databaseUrl' | 'dataDir' | 'port'>;

export async function withDatabase<T>(
  { databaseUrl, dataDir, port }: OwnDatabase,
  log: (line: string) => void,
  work: (databaseUrl: string) => Promise<T>,
): Promise<T> {
  if (databaseUrl !== null) return work(databaseUrl);
  const embedded = await startEmbedded({ dataDir, port, wantPostgres: true, wantTemporal: false, log });
  try {
    return await work(embedded.databaseUrl!);
  } finally {
    await embedded.stop();
  }
}
