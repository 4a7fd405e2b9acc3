import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defaultCacheDir, makeAtomically, runTool, type Log } from '../../src/embedded/fetch-program.ts';

const VERSION = '1.29.1';
const PACKAGES = ['cmd/server', 'cmd/tools/sql'].map((path) => `go.temporal.io/server/${path}@v${VERSION}`);

export interface TemporalPrograms {
  server: string;
  sqlTool: string;
}

/** Temporal's own server and the tool that makes its tables, built with Go once and then kept. */
export async function findTemporalPrograms(log: Log): Promise<TemporalPrograms> {
  const home = join(defaultCacheDir(), `temporal-server-${VERSION}`);
  const programs = { server: join(home, 'server'), sqlTool: join(home, 'sql') };
  if (existsSync(programs.server) && existsSync(programs.sqlTool)) return programs;
  log(`Building Temporal's server ${VERSION} with Go, once (a few minutes) …`);
  await makeAtomically(home, async (dir) => {
    const env = { ...process.env, GOBIN: dir, CGO_ENABLED: '0' };
    const args = ['install', '-ldflags=-s -w', ...PACKAGES];
    await runTool('go', args, { what: "building Temporal's server", log, cwd: dir, env });
  });
  return programs;
}
