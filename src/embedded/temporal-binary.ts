import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { defaultCacheDir, downloadArchive, makeAtomically, runTool } from './fetch-program.ts';
import type { Log } from './fetch-program.ts';

/** The last version that `go install` can build (later ones have a replace directive in their go.mod). */
const VERSION = '1.5.1';

/** With their SHA-256: what is downloaded is run, so it must be what it was. */
const ARCHIVES: Record<string, { name: string; sha256: string } | undefined> = {
  'linux-x64': {
    name: `temporal_cli_${VERSION}_linux_amd64.tar.gz`,
    sha256: 'ddc95e08b0b076efd4ea9733a3f488eb7d2be875f8834e616cd2a37358b4852d',
  },
  'linux-arm64': {
    name: `temporal_cli_${VERSION}_linux_arm64.tar.gz`,
    sha256: 'bd1b0db9f18b051026de8bf6cc1505f2510f14bbb7a8b9a4a91fff46c77454f5',
  },
  'darwin-x64': {
    name: `temporal_cli_${VERSION}_darwin_amd64.tar.gz`,
    sha256: 'bbb73e2a31135abe50a1f1cdb35030c42961df618e8ce9c60ae89f201540c5d9',
  },
  'darwin-arm64': {
    name: `temporal_cli_${VERSION}_darwin_arm64.tar.gz`,
    sha256: 'cca01b7ea35ad56e2a328d9ae596bf716bd22313ef63c7a761c88354457c2415',
  },
};

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
      const archive = ARCHIVES[`${process.platform}-${process.arch}`];
      if (!archive) throw new Error(`none is known for ${process.platform} on ${process.arch}`);
      const url = `https://github.com/temporalio/cli/releases/download/v${VERSION}/${archive.name}`;
      await downloadArchive(url, archive.sha256, dir, log);
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
