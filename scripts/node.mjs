/**
 * Prints the path of a Node that is new enough for Posthorn, unless this one is: the one in the cache, brought there
 * by npm the first time. Node's built-ins only, and nothing that an old Node does not know. What is said on the way
 * goes to stderr.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, renameSync } from 'node:fs';
import { rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of Node: package.json's `engines` says the same. */
export const NEEDED_MAJOR = 24;

/** What npm brings: a package for each platform, with the checksums that npm compares. */
const PACKAGES = fileURLToPath(new URL('./node-24', import.meta.url));
const TEMPORARY = '.node-';
const ABANDONED_MS = 3_600_000;
const ASK_LIMIT_MS = 20_000;

const isEnough = (version) => Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0) >= NEEDED_MAJOR;

/** As src/embedded/fetch-program.ts has it, which is not built yet when this runs. */
function defaultCacheDir() {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  if (isAbsolute(base) && !base.includes(delimiter)) return join(base, 'posthorn');
  throw new Error(`"${base}" cannot be the cache folder: it must be a whole path, without "${delimiter}"`);
}

/** The package with the program of Node itself for this kind of machine, as the npm package "node" would choose it. */
function packageName() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const family = platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  return `${family}-${platform}-${process.arch}`;
}

function installWithNpm(dir) {
  for (const file of ['package.json', 'package-lock.json'])
    copyFileSync(join(PACKAGES, file), join(dir, file));
  const cli = process.env.npm_execpath;
  const [command, first] = cli ? [process.execPath, [cli]] : ['npm', []];
  const args = [
    'ci',
    '--include=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
  ];
  const { status, error } = spawnSync(command, [...first, ...args, '--loglevel=error'], {
    cwd: dir,
    stdio: ['ignore', process.stderr, process.stderr],
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`"npm ci" for ${packageName()} ended with ${status}`);
}

export const programIn = (dir) =>
  join(dir, 'node_modules', packageName(), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** Of a program that is ours alone to write; others are not run, not even to ask. Empty when it cannot be had. */
function versionOf(program) {
  try {
    const { uid, mode } = statSync(program);
    const mine = process.getuid === undefined || uid === process.getuid() || uid === 0;
    if (!mine || (mode & 0o022) !== 0) return '';
  } catch {
    return '';
  }
  const env = { ...process.env };
  delete env.NODE_OPTIONS; // meant for another version: this one may not know them all
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8', env, timeout: ASK_LIMIT_MS });
  return (stdout ?? '').trim();
}

/**
 * The path; null when this Node is enough. Throws with words for the reader where none can be had. Two processes may
 * do it at once: the first to finish wins.
 */
export function findNode({
  version = process.versions.node,
  cacheDir,
  install = installWithNpm,
  say = console.error,
} = {}) {
  if (isEnough(version)) return null;
  let temporary;
  try {
    const cache = cacheDir ?? defaultCacheDir();
    const home = join(cache, `node-${NEEDED_MAJOR}`);
    const program = programIn(home);
    if (isEnough(versionOf(program))) return program;

    say(`Posthorn needs Node ${NEEDED_MAJOR} or newer, and this is ${version}: getting one from npm, once …`);
    mkdirSync(cache, { recursive: true });
    removeAbandoned(cache);
    temporary = mkdtempSync(join(cache, TEMPORARY));
    install(temporary);
    if (!isEnough(versionOf(programIn(temporary)))) throw new Error('what it brought does not run here');
    putInPlace(temporary, home);
    say(`  Node ${versionOf(program)} is at ${program}`);
    return program;
  } catch (error) {
    throw new Error(
      `Posthorn needs Node ${NEEDED_MAJOR} or newer; this is ${version}, and another could not be had ` +
        `(${error.message}). Install Node ${NEEDED_MAJOR} (https://nodejs.org) and try again.`,
    );
  } finally {
    if (temporary) rmSync(temporary, { recursive: true, force: true });
  }
}

/** What earlier runs left that were stopped on the way. */
function removeAbandoned(cache) {
  for (const name of readdirSync(cache).filter((entry) => entry.startsWith(TEMPORARY))) {
    const dir = join(cache, name);
    const { ctimeMs } = statSync(dir, { throwIfNoEntry: false }) ?? { ctimeMs: Date.now() };
    if (Date.now() - ctimeMs > ABANDONED_MS) rmSync(dir, { recursive: true, force: true });
  }
}

function putInPlace(from, to) {
  if (isEnough(versionOf(programIn(to)))) return; // another process was faster
  rmSync(to, { recursive: true, force: true }); // damaged, or another machine's
  try {
    renameSync(from, to);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(`${findNode() ?? ''}\n`);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
