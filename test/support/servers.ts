/** The servers that all test files share: real ones, empty at the start of a run and gone after it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { removeLeftovers } from '../../src/embedded/leftovers.ts';
import { lockDataDir } from '../../src/embedded/lock.ts';
import { startPostgres } from '../../src/embedded/postgres.ts';
import { startTemporal } from '../../src/embedded/temporal-server.ts';
import { findTestServer } from '../../src/embedded/test-server.ts';
import { migrate } from '../../src/store/migrate.ts';
import { bundleWorkflows } from '../../src/temporal/bundle.ts';
import { SEARCH_ATTRIBUTES } from '../../src/temporal/names.ts';
import { quickFolder, quickFolders } from './quick-folder.ts';

/** What test files get by vitest's inject(). */
export interface SharedServers {
  /** Superuser, database "postgres": to create a test file's own database with. */
  databaseAdminUrl: string;
  /** Name of a database with all migrations applied: CREATE DATABASE x TEMPLATE this. */
  templateDatabase: string;
  /** host:port of a development server, namespace "default". */
  temporalAddress: string;
  /** The time-skipping test server, for `executable: { type: 'existing-path', path }`. */
  testServerPath: string;
  /** The workflows as one script, for `workflowBundle: { codePath }`. */
  workflowBundlePath: string;
}

const PREFIX = 'posthorn-test-';
const TEMPLATE = 'posthorn_template';
const log = (line: string) => console.log(line);

/** Starts everything at once; `stop` ends it and removes its files. */
export async function startSharedServers(): Promise<SharedServers & { stop(): Promise<void> }> {
  for (const folder of quickFolders()) await removeLeftovers(folder, PREFIX);
  const dataDir = mkdtempSync(join(quickFolder(), PREFIX));
  const unlock = lockDataDir(dataDir);
  const [postgres, temporal, testServerPath, workflowBundlePath] = await Promise.all([
    startPostgres({ dataDir, persistent: false, log }),
    startTemporal({ dataDir, persistent: false, uiPort: false, searchAttributes: SEARCH_ATTRIBUTES, log }),
    findTestServer({ log }),
    writeBundle(dataDir),
  ]);
  const databaseAdminUrl = withDatabase(postgres.url, 'postgres');
  await createTemplate(databaseAdminUrl);
  return {
    databaseAdminUrl,
    templateDatabase: TEMPLATE,
    temporalAddress: temporal.address,
    testServerPath,
    workflowBundlePath,
    async stop() {
      await Promise.all([postgres.stop(), temporal.stop()]);
      unlock();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function writeBundle(dataDir: string): Promise<string> {
  const path = join(dataDir, 'workflow-bundle.js');
  const workflows = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  writeFileSync(path, await bundleWorkflows(workflows));
  return path;
}

/** Migrated once; each test file's database is a copy of it, which takes a fraction of the time. */
async function createTemplate(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${TEMPLATE}`);
  } finally {
    await client.end();
  }
  await migrate(withDatabase(adminUrl, TEMPLATE));
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
