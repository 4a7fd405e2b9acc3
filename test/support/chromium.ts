/**
 * A Chromium for the tests of the dashboard: the one that POSTHORN_CHROMIUM names, one on this machine, or the build of
 * `@sparticuz/chromium`, which npm brings into the cache the first time.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';

const execute = promisify(execFile);

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const APPLICATIONS = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];
const PACKAGE = '@sparticuz/chromium';
const VERSION = '153.0.0';

function installed(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const paths = [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...APPLICATIONS];
  return paths.find((path) => existsSync(path));
}

/** It unpacks itself into the folder for temporary files, whatever lies there. */
const UNPACK = `import(process.argv[1]).then(({ unpack }) => unpack(process.argv[2]))`;

/** In a process of its own, whose folder for temporary files this is. */
export async function unpack(folder: string): Promise<void> {
  // Asked for from where it lies, it is found by its own name.
  const entry = createRequire(join(folder, 'package.json')).resolve(PACKAGE);
  const packed = (await import(pathToFileURL(entry).href)) as {
    default: { executablePath(): Promise<string> };
  };
  await packed.default.executablePath();
}

/** Complete, or not there: several may ask at once. */
async function fetched(): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const folder = join(cache, 'posthorn', `chromium-${VERSION}`);
  const unpacked = join(folder, 'unpacked');
  if (!existsSync(unpacked)) {
    console.log(`Bringing ${PACKAGE} ${VERSION} into ${folder}, once …`);
    const making = `${folder}.${process.pid}`;
    await mkdir(join(making, 'unpacked'), { recursive: true });
    const args = ['install', '--prefix', making, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
    await execute('npm', [...args, `${PACKAGE}@${VERSION}`], { timeout: 150_000 });
    const env = { ...process.env, TMPDIR: join(making, 'unpacked') };
    await execute(process.execPath, ['-e', UNPACK, import.meta.url, making], { env, timeout: 60_000 });
    if (!existsSync(unpacked)) await rm(folder, { recursive: true, force: true });
    await rename(making, folder).catch((error: unknown) => {
      if (!existsSync(unpacked)) throw error;
    });
  }
  return join(unpacked, 'chromium');
}

export async function findChromium(): Promise<string> {
  return process.env.POSTHORN_CHROMIUM || installed() || fetched();
}

/**
 * Of what that build wants to be started with, nothing is wanted: it is in one process, is no safe browser (another origin could
 * read everything, and nobody would notice), and draws with a GPU in software, which takes most of the time of a page.
 * Whoever runs the tests as root has no sandbox; nothing but our own pages is opened.
 */
const ARGS = ['--no-sandbox', '--disable-gpu'];

let opened: Promise<Browser> | undefined;

/** The one of this process, which ends with it: each test has a profile of its own in it. */
export async function sharedChromium(): Promise<Browser> {
  // One that could not be opened, or has ended, is no reason for the next test to do without.
  opened ??= openChromium().catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  const browser = await opened;
  if (browser.isConnected()) return browser;
  opened = undefined;
  return sharedChromium();
}

async function openChromium(): Promise<Browser> {
  try {
    return await chromium.launch({ executablePath: await findChromium(), args: ARGS });
  } catch (error) {
    throw new Error(
      `The tests of the dashboard need a Chromium. Install one (package "chromium"), or set POSTHORN_CHROMIUM to its path. ${(error as Error).message}`,
      { cause: error },
    );
  }
}
