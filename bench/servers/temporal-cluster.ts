/** A real Temporal server, all four services in one process, its two databases beside Posthorn's. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { runTool, type Log } from '../../src/embedded/fetch-program.ts';
import { pickPort } from '../../src/embedded/ports.ts';
import { startService } from '../../src/embedded/service.ts';
import { SEARCH_ATTRIBUTES } from '../../src/temporal/names.ts';
import { ensureSearchAttributes } from '../../src/temporal/search-attributes.ts';
import { sleep } from '../clock.ts';
import { query } from './database.ts';
import { dynamicConfig, serverConfig, type TemporalPorts } from './temporal-config.ts';
import { findTemporalPrograms } from './temporal-programs.ts';

const DATABASES = { temporal: 'temporal', temporal_visibility: 'visibility' };
const RETENTION_SECONDS = 24 * 3600;

export async function startTemporalCluster(
  dataDir: string,
  databaseUrl: string,
  log: Log,
): Promise<{ address: string; stop(): Promise<void> }> {
  const programs = await findTemporalPrograms(log);
  await makeTables(programs.sqlTool, databaseUrl);
  const ports = await pickPorts();
  const configDir = join(dataDir, 'temporal', 'config');
  mkdirSync(configDir, { recursive: true });
  const dynamicConfigFile = join(configDir, 'dynamic.yaml');
  writeFileSync(dynamicConfigFile, JSON.stringify(dynamicConfig()));
  const config = JSON.stringify(serverConfig(databaseUrl, ports, dynamicConfigFile), null, 2);
  writeFileSync(join(configDir, 'development.yaml'), config, { mode: 0o600 }); // holds the password
  const address = `127.0.0.1:${ports.frontend[0]}`;
  const service = await startService({
    name: 'Temporal',
    command: programs.server,
    args: ['--root', join(dataDir, 'temporal'), '--env', 'development', '--allow-no-auth', 'start'],
    pidFile: join(dataDir, 'temporal-server.pid'),
    logFile: join(dataDir, 'temporal.log'),
    stopSteps: [
      { signal: 'SIGTERM', waitMs: 10_000 },
      { signal: 'SIGKILL', waitMs: 2_000 },
    ],
    ready: () => hasDefaultNamespace(address),
    startLimitSeconds: 90,
    log,
  });
  await addSearchAttributes(address).catch(async (error: unknown) => {
    await service.stop();
    throw error;
  });
  return { address, stop: () => service.stop() };
}

/**
 * Posthorn would add them itself, but the server's parts learn of new ones within seconds only: here they are made
 * beforehand, and waited for, so that the first scenario meets the same server as the others.
 */
async function addSearchAttributes(address: string): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    const typedSearchAttributes = Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) =>
      type === 'Keyword'
        ? { key: defineSearchAttributeKey(name, 'KEYWORD'), value: 'probe' }
        : { key: defineSearchAttributeKey(name, 'KEYWORD_LIST'), value: ['probe'] },
    );
    const { workflow } = new Client({ connection });
    for (let tries = 1; ; tries += 1) {
      try {
        // The same calls, whichever kind of connection carries them.
        await ensureSearchAttributes(connection as unknown as NativeConnection, 'default');
        const probe = { workflowId: 'probe', taskQueue: 'probe', typedSearchAttributes };
        const handle = await workflow.start('probe', probe);
        await handle.terminate();
        return;
      } catch (error) {
        if (tries === 100) throw error;
        await sleep(200);
      }
    }
  } finally {
    await connection.close();
  }
}

async function makeTables(sqlTool: string, databaseUrl: string): Promise<void> {
  const { hostname, port, username, password } = new URL(databaseUrl);
  for (const [database, schema] of Object.entries(DATABASES)) {
    await query(databaseUrl, `CREATE DATABASE ${database}`);
    const env = {
      ...process.env,
      SQL_PLUGIN: 'postgres12',
      SQL_HOST: hostname,
      SQL_PORT: port,
      SQL_USER: username,
      SQL_PASSWORD: password,
      SQL_DATABASE: database,
    };
    const options = { what: `making the tables of ${database}`, log: () => {}, env };
    await runTool(sqlTool, ['setup-schema', '-v', '0.0'], options);
    await runTool(sqlTool, ['update-schema', '--schema-name', `postgresql/v12/${schema}`], options);
  }
}

/** The server keeps them in a smallint column: none may be above 32,767. */
const FIRST_PORT = 17_233;

async function pickPorts(): Promise<TemporalPorts> {
  const ports: number[] = [];
  while (ports.length < 8)
    ports.push(await pickPort((ports.at(-1) ?? FIRST_PORT - 1) + 1, 'Temporal', () => {}));
  const pair = (): [number, number] => [ports.shift()!, ports.shift()!];
  return { frontend: pair(), history: pair(), matching: pair(), worker: pair() };
}

/** A new cluster has no namespace for users: made as soon as it answers. */
async function hasDefaultNamespace(address: string): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: '2s' });
    const { workflowService } = connection;
    try {
      await workflowService.describeNamespace({ namespace: 'default' }).catch(async () => {
        await workflowService.registerNamespace({
          namespace: 'default',
          // Typed as a Long; a number is encoded as well.
          workflowExecutionRetentionPeriod: { seconds: RETENTION_SECONDS as never },
        });
        throw new Error('the services learn of it within seconds');
      });
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}
