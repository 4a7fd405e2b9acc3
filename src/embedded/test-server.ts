import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultCacheDir, downloadArchive, makeAtomically, reason, runTool } from './fetch-program.ts';
import type { Log } from './fetch-program.ts';
import { isPortFree, pickPort } from './ports.ts';
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
      if (existsSync(join(home, 'lib'))) await keepClasses(home, log);
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

/** Light start rather than peak speed: the SDK gives the server five seconds, which a busy machine may not have. */
const JVM_OPTIONS = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
const MAIN_CLASS = 'io.temporal.testserver.TestServer';
const CLASSES = 'classes.jsa';
const WRAPPER = `#!/bin/sh
home="$(dirname "$0")"
exec java ${JVM_OPTIONS.join(' ')} -XX:SharedArchiveFile="$home/${CLASSES}" -cp "$home/lib/*" ${MAIN_CLASS} "$1"
`;

/**
 * Has Java write down the classes that the server consists of once it serves: with them it starts on half the CPU. Where that
 * fails, or Java is another one later, it starts without them.
 */
async function keepClasses(home: string, log: Log): Promise<void> {
  const made = join(home, `${CLASSES}.${process.pid}`);
  const port = await pickPort(0, 'the test server', log);
  const options = [...JVM_OPTIONS, `-XX:ArchiveClassesAtExit=${made}`, '-cp', join(home, 'lib/*')];
  const java = spawn('java', [...options, MAIN_CLASS, String(port)], { stdio: 'ignore' });
  const ended = once(java, 'exit').catch(() => {});
  const untilMs = performance.now() + 60_000;
  while (java.exitCode === null && performance.now() < untilMs && (await isPortFree(port))) await sleep(200);
  java.kill();
  await ended;
  if (existsSync(made)) renameSync(made, join(home, CLASSES));
}

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
