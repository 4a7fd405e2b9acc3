/** Migrations where a database is not as ours are: in a schema of its own, beside another's, slow to let anybody in. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { expect, inject } from 'vitest';
import { migrate, migrationState } from '../../src/store/migrate.ts';
import { it } from '../support/concurrent.ts';
import { createDatabase } from '../support/posthorn.ts';
import { startProxy } from '../support/proxy.ts';

const NEWEST = { missing: [], unknown: [] };

async function run(databaseUrl: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

/** One in which nobody has been. */
async function emptyDatabase(): Promise<string> {
  const admin = inject('databaseAdminUrl');
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  await run(admin, `CREATE DATABASE ${name}`);
  return Object.assign(new URL(admin), { pathname: `/${name}` }).href;
}

it('several that start at once on an empty database bring it to the newest schema', async () => {
  const databaseUrl = await emptyDatabase();
  await Promise.all([migrate(databaseUrl), migrate(databaseUrl), migrate(databaseUrl)]);
  expect(await migrationState(databaseUrl)).toEqual(NEWEST);
});

it('tables may be in a schema of their own', async () => {
  const databaseUrl = await emptyDatabase();
  await run(databaseUrl, 'CREATE SCHEMA own');
  const own = new URL(databaseUrl);
  own.searchParams.set('options', '-c search_path=own');
  await migrate(own.href);
  await run(databaseUrl, 'SELECT FROM own.deliveries');
  // The next start.
  await migrate(own.href);
  expect(await migrationState(own.href)).toEqual(NEWEST);
});

it('what another schema has of the same name is left alone', async () => {
  const databaseUrl = await emptyDatabase();
  await run(databaseUrl, 'CREATE SCHEMA other', 'CREATE TABLE other.posthorn_migrations (name text)');
  await migrate(databaseUrl);
  expect(await migrationState(databaseUrl)).toEqual(NEWEST);
});

it('a start waits for a server that lets it in late', async () => {
  const databaseUrl = new URL(await emptyDatabase());
  const proxy = await startProxy(Number(databaseUrl.port));
  databaseUrl.port = String(proxy.port);
  proxy.hold();
  setTimeout(() => proxy.release(), 6_000);
  await migrate(databaseUrl.href);
  expect(await migrationState(databaseUrl.href)).toEqual(NEWEST);
  await proxy.stop();
});

it('a database that a later version has been at is started with; one with a step in between is not', async () => {
  const databaseUrl = await createDatabase();
  const add = (name: string) =>
    run(databaseUrl, `INSERT INTO posthorn_migrations (name, run_on) VALUES ('${name}', now())`);
  await add('9999_later');
  await migrate(databaseUrl);
  await run(databaseUrl, `DELETE FROM posthorn_migrations`);
  await add('0001_spine');
  await add('0001_spine_of_others');
  await expect(migrate(databaseUrl)).rejects.toThrow(/preceding/i);
});
