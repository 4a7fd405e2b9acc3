/**
 * Prints the path of a Node that is new enough for Posthorn, unless this one is: the one in the cache, brought there
 * by npm the first time. Node's built-ins only, and nothing that an old Node does not know. What is said on the way
 * goes to stderr.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of Node: package.json's `engines` says the same. */
export const NEEDED_MAJOR = 24;

const isEnough = (version) => Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0) >= NEEDED_MAJOR;

/** As src/embedded/fetch-program.ts has it, which is not built yet when this runs. */
const defaultCacheDir = () => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'posthorn');

/** The package with the program of Node itself for this kind of machine, as the npm package "node" would choose it. */
function packageName() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const family = platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  return `${family}-${platform}-${process.arch}`;
}

function installWithNpm(dir) {
  const cli = process.env.npm_execpath;
  const [command, first] = cli ? [process.execPath, [cli]] : ['npm', []];
  const args = [
    'install',
    '--prefix',
    dir,
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
  ];
  const { status, error } = spawnSync(
    command,
    [...first, ...args, '--loglevel=error', `${packageName()}@${NEEDED_MAJOR}`],
    { cwd: dir, stdio: ['ignore', process.stderr, process.stderr] },
  );
  if (error) throw error;
  if (status !== 0) throw new Error(`"npm install ${packageName()}@${NEEDED_MAJOR}" ended with ${status}`);
}

export const programIn = (dir) =>
  join(dir, 'node_modules', packageName(), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

function versionOf(program) {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return (stdout ?? '').trim();
}

/**
 * The path; null when this Node is enough. Throws with words for the reader where none can be had. Two processes may
 * do it at once: the first to finish wins.
 */
export function findNode({
  version = process.versions.node,
  cacheDir = defaultCacheDir(),
  install = installWithNpm,
  say = console.error,
} = {}) {
  if (isEnough(version)) return null;
  const home = join(cacheDir, `node-${NEEDED_MAJOR}`);
  const program = programIn(home);
  if (isEnough(versionOf(program))) return program;

  say(`Posthorn needs Node ${NEEDED_MAJOR} or newer, and this is ${version}: getting one from npm, once …`);
  mkdirSync(cacheDir, { recursive: true });
  const temporary = mkdtempSync(join(cacheDir, '.node-'));
  try {
    install(temporary);
    if (!isEnough(versionOf(programIn(temporary)))) throw new Error('what it brought does not run here');
    if (!isEnough(versionOf(program))) {
      rmSync(home, { recursive: true, force: true }); // damaged, or another machine's
      moveUnlessThere(temporary, home);
    }
  } catch (error) {
    throw new Error(
      `Posthorn needs Node ${NEEDED_MAJOR} or newer; this is ${version}, and another could not be had ` +
        `(${error.message}). Install Node ${NEEDED_MAJOR} (https://nodejs.org) and try again.`,
    );
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  say(`  Node ${versionOf(program)} is at ${program}`);
  return program;
}

function moveUnlessThere(from, to) {
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
