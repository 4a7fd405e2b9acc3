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

interface Packed {
  executablePath(): Promise<string>;
  args: string[];
}

async function packed(folder: string): Promise<Packed> {
  // Asked for from where it lies, it is found by its own name.
  const entry = createRequire(join(folder, 'package.json')).resolve(PACKAGE);
  return ((await import(pathToFileURL(entry).href)) as { default: Packed }).default;
}

/** It unpacks itself into the folder for temporary files, whatever lies there. */
const UNPACK = `import(process.argv[1]).then(({ unpack }) => unpack(process.argv[2]))`;

/** In a process of its own, whose folder for temporary files this is. */
export const unpack = async (folder: string): Promise<void> =>
  void (await (await packed(folder)).executablePath());

/** Complete, or not there: several may ask at once. */
async function fetched(): Promise<{ path: string; args: string[] }> {
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
  return { path: join(unpacked, 'chromium'), args: (await packed(folder)).args };
}

/** The program, and what it has to be started with. */
export function findChromium(): Promise<{ path: string; args: string[] }> {
  const given = process.env.POSTHORN_CHROMIUM || installed();
  return given ? Promise.resolve({ path: given, args: [] }) : fetched();
}

/** What that build switches off, and what browsers of people have: with it another origin could read everything, and nobody would notice. */
const UNSAFE = [
  '--disable-web-security',
  '--allow-running-insecure-content',
  '--disable-site-isolation-trials',
];

/** In one process, as it is meant to be where processes cannot be had, a page that goes wrong takes the browser with it. */
const isSteady = (arg: string): boolean => !['--single-process', '--no-zygote', ...UNSAFE].includes(arg);

export async function openChromium(): Promise<Browser> {
  try {
    const { path, args } = await findChromium();
    // Whoever runs the tests as root has no sandbox; nothing but our own pages is opened.
    return await chromium.launch({ executablePath: path, args: [...args.filter(isSteady), '--no-sandbox'] });
  } catch (error) {
    throw new Error(
      `The tests of the dashboard need a Chromium. Install one (package "chromium"), or set POSTHORN_CHROMIUM to its path. ${(error as Error).message}`,
      { cause: error },
    );
  }
}
