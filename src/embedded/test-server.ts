import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultCacheDir, downloadArchive, makeAtomically, reason, runTool } from './fetch-program.ts';
import type { Log } from './fetch-program.ts';
import type { FindOptions } from './temporal-binary.ts';

const VERSION = '1.32.1';
const SDK_VERSION = '1.24.0';
const ARTIFACT = `io.temporal:temporal-test-server:${VERSION}`;

/**
 * Path of Temporal's time-skipping test server, for `executable: { type: 'existing-path', path }`. Only tests need
 * it. Cached copy, else downloaded as the SDK does, else put together with Maven (needs java at run time).
 */
export async function findTestServer({ cacheDir = defaultCacheDir(), log }: FindOptions): Promise<string> {
  const home = join(cacheDir, `temporal-test-server-${VERSION}`);
  const program = join(home, PROGRAM);
  if (existsSync(program)) return program;

  log("Temporal's time-skipping test server is not here yet: getting it once.");
  const failures: string[] = [];
  for (const [way, get] of WAYS) {
    try {
      log(`  ${way} …`);
      await makeAtomically(home, (dir) => get(dir, log));
      log(`  the test server is at ${program}`);
      return program;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log(`  … no: ${message}`);
      failures.push(`${way}: ${message}`);
    }
  }
  throw new Error(
    "The tests need Temporal's time-skipping test server, and no way to get it worked:\n" +
      failures.map((failure) => `  - ${failure}\n`).join('') +
      'Install Java 11 or newer and Maven, or make its download site reachable, and run the tests again.',
  );
}

const PROGRAM = 'temporal-test-server';

const WAYS: [description: string, get: (dir: string, log: Log) => Promise<void>][] = [
  [
    'downloading it from Temporal',
    async (dir, log) => {
      const query = `temporal-test-server/default?sdk-name=sdk-typescript&sdk-version=${SDK_VERSION}`;
      const { archiveUrl, fileToExtract } = await askDownloadSite(query);
      // Of these archives no SHA-256 is published; they are run by tests only.
      await downloadArchive(archiveUrl, null, dir, log);
      renameSync(join(dir, fileToExtract), join(dir, PROGRAM));
    },
  ],
  [
    `fetching ${ARTIFACT} with Maven`,
    async (dir, log) => {
      await runTool('java', ['-version'], { what: 'asking java', log });
      writeFileSync(join(dir, 'pom.xml'), pom());
      const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
      const args = ['-q', '-B', goal, '-DincludeScope=runtime', `-DoutputDirectory=${join(dir, 'lib')}`];
      await runTool('mvn', args, { what: 'fetching with Maven', log, cwd: dir });
      writeFileSync(join(dir, PROGRAM), WRAPPER, { mode: 0o755 });
    },
  ],
];

/** Where the archive is, as the SDK asks. */
async function askDownloadSite(query: string): Promise<{ archiveUrl: string; fileToExtract: string }> {
  const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
  if (!arch) throw new Error(`there is no build for the processor ${process.arch}`);
  const site = 'https://temporal.download';
  const url = `${site}/${query}${query.includes('?') ? '&' : '?'}arch=${arch}&platform=${process.platform}`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch((error: unknown) => {
    throw new Error(`${site} cannot be reached (${reason(error)})`);
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return (await answer.json()) as { archiveUrl: string; fileToExtract: string };
}

/** Light start rather than peak speed: the SDK gives the server five seconds. */
const WRAPPER = `#!/bin/sh
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$1"
`;

function pom(): string {
  const [groupId, artifactId, version] = ARTIFACT.split(':');
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>posthorn</groupId>
  <artifactId>test-server</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>${groupId}</groupId>
      <artifactId>${artifactId}</artifactId>
      <version>${version}</version>
    </dependency>
  </dependencies>
</project>
`;
}
