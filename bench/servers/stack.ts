/** Postgres and Temporal, started by the benchmark itself so that they outlive a killed Posthorn. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { removeLeftovers } from '../../src/embedded/leftovers.ts';
import { lockDataDir } from '../../src/embedded/lock.ts';
import { startPostgres } from '../../src/embedded/postgres.ts';
import { runningFromPidFile } from '../../src/embedded/processes.ts';
import { startTemporal } from '../../src/embedded/temporal-server.ts';
import { SEARCH_ATTRIBUTES } from '../../src/temporal/names.ts';
import { query } from './database.ts';
import { cpuMs, cpuMsWithChildren } from './processes.ts';
import { startTemporalCluster } from './temporal-cluster.ts';

export type StackName = 'embedded' | 'server';

export interface Stack {
  name: StackName;
  dataDir: string;
  /** Superuser. */
  databaseUrl: string;
  temporalAddress: string;
  versions: { postgres: string; temporal: string };
  cpuMs(): { temporal: number; postgres: number };
  stop(): Promise<void>;
}

const PREFIX = 'posthorn-bench-';
const PID_FILES = { postgres: 'postgres-server.pid', temporal: 'temporal-server.pid' };

export async function startStack(name: StackName, log: (line: string) => void): Promise<Stack> {
  await removeLeftovers(tmpdir(), PREFIX);
  const dataDir = mkdtempSync(join(tmpdir(), PREFIX));
  const unlock = lockDataDir(dataDir);
  const started: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    for (const part of started.splice(0).reverse()) await part.stop();
    unlock();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const postgres = await startPostgres({ dataDir, log });
    started.push(postgres);
    const temporal =
      name === 'embedded'
        ? await startTemporal({ dataDir, uiPort: false, searchAttributes: SEARCH_ATTRIBUTES, log })
        : await startTemporalCluster(dataDir, postgres.url, log);
    started.push(temporal);
    const pidOf = (file: string) => runningFromPidFile(join(dataDir, file))?.pid ?? 0;
    return {
      name,
      dataDir,
      databaseUrl: postgres.url,
      temporalAddress: temporal.address,
      versions: await readVersions(postgres.url, temporal.address),
      cpuMs: () => ({
        temporal: cpuMs(pidOf(PID_FILES.temporal)) ?? 0,
        postgres: cpuMsWithChildren(pidOf(PID_FILES.postgres)) ?? 0,
      }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readVersions(databaseUrl: string, address: string): Promise<Stack['versions']> {
  const [row] = await query<{ server_version: string }>(databaseUrl, 'SHOW server_version');
  const connection = await Connection.connect({ address });
  const { serverVersion } = await connection.workflowService.getSystemInfo({});
  await connection.close();
  return { postgres: row!.server_version, temporal: serverVersion };
}
