import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { pickPort } from './ports.ts';
import { startService, stopLeftover } from './service.ts';
import { findTemporal } from './temporal-binary.ts';
import { slimVisibilityIndexes } from './visibility-indexes.ts';

/** Name → type of what workflows can be searched by. Counts when the database is made; clients add later ones. */
export type SearchAttributes = Readonly<
  Record<string, 'Keyword' | 'KeywordList' | 'Text' | 'Int' | 'Datetime'>
>;

export interface TemporalOptions {
  /** The server keeps `dataDir`/temporal.db; log and pid file beside it. */
  dataDir: string;
  /** Preferred ports; the next free one is taken when one is in use. 0 or none: any. */
  port?: number;
  /** false: no Web UI. */
  uiPort?: number | false;
  searchAttributes?: SearchAttributes;
  log: (line: string) => void;
  /** false: everything in memory, gone after stop() (tests). */
  persistent?: boolean;
}

export interface EmbeddedTemporal {
  /** host:port for clients and workers; namespace "default". */
  address: string;
  /** null when started without. */
  uiUrl: string | null;
  stop(): Promise<void>;
}

const KEEP_HISTORIES = '7 days';
const STOP_STEPS = [
  { signal: 'SIGTERM', waitMs: 10_000 },
  { signal: 'SIGKILL', waitMs: 2_000 },
] as const;

/** Starts Temporal's development server on 127.0.0.1; finds (or gets) the program first. */
export async function startTemporal(options: TemporalOptions): Promise<EmbeddedTemporal> {
  const { log, searchAttributes = {}, persistent = true } = options;
  const dataDir = resolve(options.dataDir);
  const pidFile = join(dataDir, 'temporal-server.pid');
  const stopSteps = [...STOP_STEPS];
  const command = await findTemporal({ log });
  // Before the ports are looked at: a server that an earlier run left behind would still hold them.
  await stopLeftover({ name: 'Temporal', pidFile, stopSteps, log });

  const port = await pickPort(options.port ?? 0, 'Temporal', log);
  const uiPort =
    options.uiPort === false ? null : await pickPort(options.uiPort ?? 0, "Temporal's Web UI", log);
  const args = [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'],
    ...(uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(persistent ? databaseArgs(join(dataDir, 'temporal.db')) : []),
    ...Object.entries(DYNAMIC_CONFIG).flatMap(([key, value]) => [
      '--dynamic-config-value',
      `${key}=${value}`,
    ]),
    ...Object.entries(searchAttributes).flatMap(([key, type]) => ['--search-attribute', `${key}=${type}`]),
  ];
  const start = () =>
    startService({
      name: 'Temporal',
      command,
      args,
      env: { GOGC, ...withoutTemporalSettings() },
      pidFile,
      logFile: join(dataDir, 'temporal.log'),
      stopSteps,
      ready: () => serves(port),
      startLimitSeconds: 60,
      log,
    });
  if (persistent) {
    const file = join(dataDir, 'temporal.db');
    if (!existsSync(file)) await (await start()).stop(); // makes the tables
    try {
      slimVisibilityIndexes(file);
    } catch (error) {
      log(`Temporal's indexes stay as they are, so it works more slowly: ${String(error)}`);
    }
  }
  const service = await start();
  if (persistent) await keepHistories(port);
  return {
    address: `127.0.0.1:${port}`,
    uiUrl: uiPort === null ? null : `http://127.0.0.1:${uiPort}`,
    stop: () => service.stop(),
  };
}

/**
 * With a write-ahead log and synchronous=normal, a power cut can take the last commits but never harms the file,
 * and no commit waits for the disk. That suffices here: every delivery is in Postgres before Temporal hears of
 * it, the sweep starts workflows that are missing, and an attempt that was recorded is not made again.
 */
function databaseArgs(file: string): string[] {
  return [
    '--db-filename',
    file,
    '--sqlite-pragma',
    'journal_mode=wal',
    '--sqlite-pragma',
    'synchronous=normal',
  ];
}

/**
 * How far the heap of Temporal (a Go program) grows before garbage is collected, % of what is in use; 100 by default.
 * 10 % less CPU for a workflow; the memory comes from the smaller cache below. One's own GOGC counts.
 */
const GOGC = '200';

/** The server's limits protect a shared cluster; here there is one user, and Posthorn bounds what is in flight. */
const DYNAMIC_CONFIG = {
  // start-dev sets it, and would read what attributes there are from the database several times for a workflow, in
  // turn: a quarter of its CPU. They are given above; what is added later is known within seconds, as elsewhere.
  'system.forceSearchAttributesCacheRefreshOnRead': false,
  // Workflows kept in memory. 8,096, the default of start-dev, are ended ones mostly: 200 MB that nobody reads.
  'history.hostLevelCacheMaxSize': 1000,
  'frontend.rps': 100_000,
  'frontend.namespaceRPS': 100_000,
  'frontend.namespaceRPS.visibility': 10_000,
  'frontend.namespaceCount': 100_000,
  'history.rps': 100_000,
  'matching.rps': 100_000,
  'matching.persistenceMaxQPS': 45_000,
  'system.enableActivityEagerExecution': true,
  'system.enableEagerWorkflowStart': true,
  // One SQLite connection serves everything: partitions would only add polls and forwarding.
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
};

/** TEMPORAL_* variables are meant for our client; the server program would read some of them as its own. */
function withoutTemporalSettings(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

/** Whether namespace "default" answers. The cheap look at the port comes first: connect() would wait. */
async function serves(port: number): Promise<boolean> {
  if (!(await accepts(port))) return false;
  try {
    const connection = await Connection.connect({ address: `127.0.0.1:${port}`, connectTimeout: '5s' });
    try {
      await connection.workflowService.describeNamespace({ namespace: 'default' });
    } finally {
      await connection.close();
    }
    return true;
  } catch {
    return false;
  }
}

/** The development server makes its namespace with a day. */
async function keepHistories(port: number): Promise<void> {
  const connection = await Connection.connect({ address: `127.0.0.1:${port}` });
  try {
    await connection.workflowService.updateNamespace({
      namespace: 'default',
      config: { workflowExecutionRetentionTtl: msToTs(KEEP_HISTORIES) },
    });
  } finally {
    await connection.close();
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => done(true)).once('error', () => done(false));
    socket.once('connect', () => socket.destroy());
  });
}
