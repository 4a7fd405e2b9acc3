import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { defaultCacheDir, downloadFromTemporal, makeAtomically, runTool } from './fetch-program.ts';
import type { Log } from './fetch-program.ts';

/** The last version that `go install` can build (later ones have a replace directive in their go.mod). */
const VERSION = '1.5.1';
const GO_PACKAGE = `github.com/temporalio/cli/cmd/temporal@v${VERSION}`;

export interface FindOptions {
  cacheDir?: string;
  log: Log;
}

/**
 * Path of the `temporal` program: from PATH, else the cached copy, else downloaded, else built with Go.
 * The error, when nothing helps, says what each way did.
 */
export async function findTemporal({ cacheDir = defaultCacheDir(), log }: FindOptions): Promise<string> {
  if (await answersVersion('temporal')) return 'temporal';
  const home = join(cacheDir, `temporal-${VERSION}`);
  const program = join(home, process.platform === 'win32' ? 'temporal.exe' : 'temporal');
  if (await answersVersion(program)) return program;
  rmSync(home, { recursive: true, force: true }); // made for another machine, or damaged

  log(
    `The program "temporal" (Temporal's development server) is not on PATH: getting version ${VERSION} once.`,
  );
  const failures = ['PATH: there is no program "temporal" that answers to "temporal --version"'];
  for (const [way, get] of WAYS) {
    try {
      log(`  ${way} …`);
      await makeAtomically(home, (dir) => get(dir, log));
      if (!(await answersVersion(program)))
        throw new Error(`the result, ${program}, does not run on this machine`);
      log(`  temporal ${VERSION} is at ${program}`);
      return program;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log(`  … no: ${message}`);
      failures.push(`${way}: ${message}`);
    }
  }
  throw new Error(
    `Posthorn needs the program "temporal", and no way to get it worked:\n` +
      failures.map((failure) => `  - ${failure}\n`).join('') +
      'Put it on PATH (https://docs.temporal.io/cli), or install Go 1.25 or newer and start again, ' +
      'or set TEMPORAL_ADDRESS to a Temporal server of your own.',
  );
}

type Way = [description: string, get: (dir: string, log: Log) => Promise<void>];

const WAYS: Way[] = [
  [
    'downloading it from Temporal',
    async (dir, log) => {
      const program = await downloadFromTemporal(`cli/v${VERSION}?format=tar.gz`, dir, log);
      const name = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
      if (program !== join(dir, name)) renameSync(program, join(dir, name));
    },
  ],
  [
    `building it with "go install ${GO_PACKAGE}" (a few minutes)`,
    async (dir, log) => {
      // Without cgo and debug symbols: needs no C compiler, links faster, and the file is a third smaller.
      const env = { ...process.env, GOBIN: dir, CGO_ENABLED: '0' };
      const args = ['install', '-ldflags=-s -w', GO_PACKAGE];
      await runTool('go', args, { what: 'building temporal', log, cwd: dir, env });
    },
  ],
];

async function answersVersion(program: string): Promise<boolean> {
  try {
    return /temporal version/i.test(
      await runTool(program, ['--version'], { what: `asking ${program}`, log: () => {} }),
    );
  } catch {
    return false;
  }
}
