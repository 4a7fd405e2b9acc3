/**
 * What we depend on: under which licences, and whether anything of it is known to be vulnerable. Node's built-ins only.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bootstrap.mjs';

/** Those that let everybody pass Posthorn on under its own licence. */
const ALLOWED = new Set([
  ...['MIT', 'MIT-0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Apache-2.0', 'BlueOak-1.0.0'],
  ...['Unlicense', 'CC0-1.0', 'Python-2.0', 'CC-BY-4.0', 'Zlib'],
]);
/** What we only build and test with, and hand to nobody, may also be under these. */
const ALLOWED_FOR_DEVELOPMENT = new Set([...ALLOWED, 'MPL-2.0']);
/** Packages that do not say it in package.json: looked up by hand, in the text that they bring. */
const SAID_ELSEWHERE = { unionfs: 'Unlicense' };

const AUDIT_MS = 10_000;

/** Throws an Error that names every package with a licence that we have not agreed to. Asks nobody. */
export function checkLicences(directory = root) {
  const { packages } = JSON.parse(readFileSync(join(directory, 'package-lock.json'), 'utf8'));
  const installed = Object.entries(packages).filter(
    // Some are made for other platforms.
    ([path, { link }]) => path !== '' && !link && existsSync(join(directory, path, 'package.json')),
  );
  const wrong = installed.flatMap(([path, { dev = false, version }]) => {
    const name = path.replace(/^.*node_modules\//, '');
    const licence = licenceOf(JSON.parse(readFileSync(join(directory, path, 'package.json'), 'utf8')), name);
    const allowed = dev ? ALLOWED_FOR_DEVELOPMENT : ALLOWED;
    return isAllowed(licence, allowed) ? [] : [`  ${name}@${version}: ${licence ?? 'it names no licence'}`];
  });
  if (wrong.length > 0)
    throw new Error(
      `These packages are under licences that scripts/check-dependencies.mjs does not allow:\n${wrong.join('\n')}`,
    );
  return installed.length;
}

function licenceOf({ license, licenses }, name) {
  const said =
    license ?? (Array.isArray(licenses) ? licenses.map(({ type }) => type).join(' OR ') : licenses);
  return (typeof said === 'object' ? said?.type : said) ?? SAID_ELSEWHERE[name] ?? null;
}

/** An SPDX expression, as far as packages use them: of `OR` one has to be allowed, of `AND` all. */
export function isAllowed(licence, allowed = ALLOWED) {
  if (!licence) return false;
  const flat = licence.replaceAll(/[()]/g, '');
  return flat.split(/ OR /i).some((all) => all.split(/ AND /i).every((one) => allowed.has(one.trim())));
}

/**
 * Throws an Error when something that Posthorn runs with is known to be vulnerable, and badly. Returns what there is to say
 * otherwise: also that the registry did not answer, which is no reason to stop.
 */
export function auditPackages(command = 'npm') {
  const args = ['audit', '--json', '--omit=dev', '--fetch-retries=0', `--fetch-timeout=${AUDIT_MS / 2}`];
  const { stdout, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8', timeout: AUDIT_MS });
  return verdictOn(error ? null : parsed(stdout), error?.message);
}

export function verdictOn(report, why = 'it said nothing that npm could read') {
  const counts = report?.metadata?.vulnerabilities;
  if (!counts) return `npm audit: not done, the registry did not answer it (${report?.message ?? why}).`;
  const bad = Object.values(report.vulnerabilities ?? {}).filter(({ severity }) =>
    /high|critical/.test(severity),
  );
  if (bad.length > 0) {
    const named = bad.map(({ name, severity, range }) => `  ${name} ${range ?? ''}: ${severity}`);
    throw new Error(`npm audit knows of vulnerabilities in what Posthorn runs with:\n${named.join('\n')}`);
  }
  return `npm audit: nothing high or critical, ${counts.total ?? 0} in all.`;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
