/**
 * `npm test [-- vitest arguments]`: installs what is missing, checks, builds, gets the servers the tests need, and
 * runs the tests. The last line is always "N passed, N failed".
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { auditPackages, checkLicences } from './check-dependencies.mjs';
import { ensureBuilt, ensurePackages, npm, requireNode, root, run } from './bootstrap.mjs';

try {
  await prepare();
  const { passed, failed } = await runTests(process.argv.slice(2));
  finish(passed, failed);
} catch (error) {
  console.error(`\n${error.message}`);
  finish(0, 1);
}

async function prepare() {
  requireNode();
  await ensurePackages();
  // The build machine's question, not that of whoever runs a test.
  if (process.env.CHECK_DEPENDENCIES) {
    console.log(`Licences: ${checkLicences()} packages, all of them allowed.`);
    console.log(auditPackages());
  }
  console.log('Checking format, lint and types (npm run check) …');
  if ((await npm('checking', 'run', 'check')) !== 0) {
    throw new Error('"npm run check" failed, so the tests did not run; its output above says why.');
  }
  await ensureBuilt();
  // Before the tests: getting these can take minutes once, which no test should have to wait for.
  const { findTemporal } = await import('../dist/src/embedded/temporal-binary.js');
  const { findTestServer } = await import('../dist/src/embedded/test-server.js');
  await findTemporal({ log: console.log });
  await findTestServer({ log: console.log });
  // Where there is none, the tests that need one say so.
  const { findChromium } = await import('../test/support/chromium.ts');
  await findChromium().catch((error) =>
    console.log(`No Chromium for the dashboard's tests: ${error.message}`),
  );
}

async function runTests(extraArgs) {
  // Each test file is a process of its own: what one has compiled, the next need not.
  process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/node-compile');
  const dir = mkdtempSync(join(tmpdir(), 'posthorn-vitest-'));
  const report = join(dir, 'report.json');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  try {
    const code = await run('testing', process.execPath, [vitest, 'run', ...reporters, ...extraArgs]);
    const { numPassedTests: passed, numFailedTests, testResults } = readReport(report);
    // A file that does not load has no failed test, but it has failed.
    const broken = testResults.filter(
      (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
    ).length;
    const failed = numFailedTests + broken;
    tellOfSecondTries(testResults);
    // Errors outside of any test, and a run without a single one, are failures as well.
    return { passed, failed: failed === 0 && (code !== 0 || passed === 0) ? 1 : failed };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What vitest only marks in passing: a test that fails first and passes then has found something, or is none. */
function tellOfSecondTries(files) {
  const tries = files.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0)
      .map(
        (test) => `  ${relative(root, name)}: ${test.fullName}\n    ${firstLine(test.failureMessages[0])}`,
      ),
  );
  if (tries.length > 0) console.log(`\nPassed at the second try only:\n${tries.join('\n')}\n`);
}

function firstLine(text) {
  return text.split('\n', 1)[0].slice(0, 200);
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, testResults: [] }; // vitest did not get as far as a report
  }
}

function finish(passed, failed) {
  process.exitCode = failed === 0 ? 0 : 1;
  console.log(`${passed} passed, ${failed} failed`);
}
