/** Postgres and Temporal for `npm start`: started beside Posthorn, stopped with it, their data in its data folder. */
import { resolve } from 'node:path';
import { lockDataDir } from './lock.ts';
import { startPostgres } from './postgres.ts';
import { startTemporal } from './temporal-server.ts';
import type { SearchAttributes } from './temporal-server.ts';

export interface EmbeddedOptions {
  dataDir: string;
  /** Posthorn's own port: the servers' preferred ports follow from it, so that two instances keep apart. */
  port: number;
  wantPostgres: boolean;
  wantTemporal: boolean;
  searchAttributes?: SearchAttributes;
  /** Gets one line for people at a time. */
  log: (line: string) => void;
}

export interface Embedded {
  /** Holds the password: not for printing. */
  databaseUrl?: string;
  temporalAddress?: string;
  temporalUiUrl?: string;
  /** Stops Temporal, then Postgres; call it when Posthorn itself has stopped. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts what is wanted, both at once. Throws when another Posthorn runs on the data folder, and when a part does
 * not come up (then the other one is stopped again). What an earlier run left behind is cleared away first.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { wantPostgres, wantTemporal, searchAttributes, log } = options;
  if (!wantPostgres && !wantTemporal) return { stop: async () => {} };
  const dataDir = resolve(options.dataDir);
  const unlock = lockDataDir(dataDir);
  const ports = preferredPorts(options.port);

  const [postgres, temporal] = await Promise.allSettled([
    wantPostgres ? startPostgres({ dataDir, port: ports.postgres, log }) : null,
    wantTemporal
      ? startTemporal({ dataDir, port: ports.temporal, uiPort: ports.temporalUi, searchAttributes, log })
      : null,
  ]);
  const running = [temporal, postgres].map((part) => (part.status === 'fulfilled' ? part.value : null));
  const stopAll = async () => {
    for (const part of running) await part?.stop();
    unlock();
  };
  const failed = [postgres, temporal]
    .filter((part) => part.status === 'rejected')
    .map((part) => part.reason as Error);
  if (failed.length > 0) {
    await stopAll();
    throw failed.length === 1 ? failed[0] : new Error(failed.map((error) => error.message).join('\n'));
  }

  let stopped: Promise<void> | undefined;
  const embedded: Embedded = { stop: () => (stopped ??= stopAll()) };
  if (postgres.status === 'fulfilled' && postgres.value) embedded.databaseUrl = postgres.value.url;
  if (temporal.status === 'fulfilled' && temporal.value) {
    embedded.temporalAddress = temporal.value.address;
    if (temporal.value.uiUrl) embedded.temporalUiUrl = temporal.value.uiUrl;
  }
  return embedded;
}

const LOWEST_PORT = 1024;
const PORTS = 65_536 - LOWEST_PORT;

/**
 * 8080 gets Temporal's usual 7233 and 8233; each other PORT its own three, the same at every start: as far up or down, and
 * on from the lowest where that would be past the highest. 0 (any) for 0.
 */
export function preferredPorts(port: number): { postgres: number; temporal: number; temporalUi: number } {
  const beside = (usual: number) => {
    if (port === 0) return 0;
    const wanted = usual + (port - 8080) - LOWEST_PORT;
    return LOWEST_PORT + ((wanted + PORTS) % PORTS);
  };
  return { postgres: beside(54_320), temporal: beside(7233), temporalUi: beside(8233) };
}
