/** The servers that a Posthorn of this data folder has started, for those who only look. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { passwordFile } from './postgres-files.ts';
import { DATABASE, SUPERUSER } from './postgres.ts';
import { commandLine, runningFromPidFile } from './processes.ts';

export interface RunningServers {
  /** Holds the password: not for printing. Null: it does not run. */
  databaseUrl: string | null;
  temporalAddress: string | null;
}

export function findRunning(dataDir: string): RunningServers {
  const postgres = portOf(join(dataDir, 'postgres-server.pid'), /\bport=(\d+)/);
  const temporal = portOf(join(dataDir, 'temporal-server.pid'), /--port (\d+)/);
  return {
    databaseUrl: postgres && databaseUrl(dataDir, postgres),
    temporalAddress: temporal && `127.0.0.1:${temporal}`,
  };
}

const portOf = (pidFile: string, pattern: RegExp): string | null => {
  const running = runningFromPidFile(pidFile);
  return running && (pattern.exec(commandLine(running.pid))?.[1] ?? null);
};

function databaseUrl(dataDir: string, port: string): string | null {
  try {
    const password = readFileSync(passwordFile(dataDir), 'utf8').trim();
    return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${DATABASE}`;
  } catch {
    return null;
  }
}
