/**
 * What `npm start` and `npm test` do before any package is there: Node's built-ins only.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NEEDED_MAJOR } from './node.mjs';

/** The repository. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Written last by every build (scripts/bundle-workflows.mjs). */
const stamp = join(root, 'dist/.built');

/**
 * Runs a program in the repository, its output going to ours, and says every 10 s that it is still at it.
 * Resolves with the exit code.
 */
export function run(what, command, args) {
  const startedAt = Date.now();
  const timer = setInterval(() => {
    console.log(`  … ${what} (${Math.round((Date.now() - startedAt) / 1000)} s)`);
  }, 10_000);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ? 1 : (code ?? 1)));
  }).finally(() => clearInterval(timer));
}

/** Runs the npm that runs us. Its own notices stay visible even under `npm test --silent`. */
export function npm(what, ...args) {
  const cli = process.env.npm_execpath;
  const all = [...args, '--loglevel=notice'];
  return cli ? run(what, process.execPath, [cli, ...all]) : run(what, 'npm', all);
}

/** Stops here, in words, when this Node is too old: npm's scripts choose one, whoever calls node by hand may not. */
export function requireNode() {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) return;
  throw new Error(
    `Posthorn needs Node ${NEEDED_MAJOR} or newer; this is ${process.versions.node}. "npm start" gets one by itself.`,
  );
}

/** Installs the packages of package-lock.json unless exactly those are there. */
export async function ensurePackages() {
  if (packagesMatchLock()) return;
  console.log('Installing npm packages (npm ci), which takes about a minute …');
  // Development packages, too, whatever NODE_ENV says: the build needs them.
  const code = await npm('installing npm packages', 'ci', '--include=dev', '--no-audit', '--no-fund');
  if (code !== 0) throw new Error(`"npm ci" failed (exit code ${code}); its output above says why.`);
}

/**
 * npm writes node_modules/.package-lock.json as the last step of an install, so a half-finished one has none or an
 * old one. Contents are compared, not times, which git and copying change.
 */
function packagesMatchLock() {
  const installedFile = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const present = installed[path];
    if (!present) return entry.optional === true || entry.peer === true; // made for other platforms
    return present.version === entry.version;
  });
}

/** Builds dist/ when any source is newer than the last build. */
export async function ensureBuilt() {
  if (existsSync(stamp) && newestInput() <= statSync(stamp).mtimeMs) return;
  const startedAt = new Date();
  console.log('Building (tsc, the dashboard, the workflow bundle) …');
  const code = await npm('building', 'run', 'build');
  if (code !== 0) throw new Error('The build failed; its output above says why.');
  // The time the build began: what was edited meanwhile counts as newer.
  utimesSync(stamp, startedAt, startedAt);
}

/** Time of the last change to anything the build reads, in ms. Folders count: their time shows deleted files. */
function newestInput() {
  const files = [
    'package-lock.json',
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'tsconfig.sdk.json',
    'scripts/bundle-workflows.mjs',
    'scripts/build-web.mjs',
  ];
  const times = files.map((file) => statSync(join(root, file)).mtimeMs);
  const visit = (dir) => {
    times.push(statSync(dir).mtimeMs);
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      const path = join(dir, entry.name);
      if (path === join(root, 'bench/results')) continue; // written by the benchmark, read by no build
      if (entry.isDirectory()) visit(path);
      else times.push(statSync(path).mtimeMs);
    }
  };
  for (const dir of ['src', 'workflows', 'activities', 'bench', 'web']) visit(join(root, dir));
  return Math.max(...times);
}

/** What every command needs that runs the built program; ends this process with a message where it cannot be had. */
export async function prepareOrExit() {
  try {
    requireNode();
    await ensurePackages();
    await ensureBuilt();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
