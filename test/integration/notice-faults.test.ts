/** What becomes of mails when a process is killed between the server's answer and its note, and when very many endpoints fail. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { againInSeconds, createNotifyActivities } from '../../activities/notify.ts';
import { createMailer } from '../../src/notify/mailer.ts';
import { createPool, type Pool, type Queryable } from '../../src/store/pool.ts';
import { createDatabase } from '../support/posthorn.ts';
import { headerOf, startTestMailServer, type TestMailServer } from '../support/mail-server.ts';

let db: Pool;
let server: TestMailServer;
beforeAll(async () => {
  db = createPool(await createDatabase(), 4);
  server = await startTestMailServer();
  await db.query(`INSERT INTO tenants (id) VALUES ('t')`);
});
afterAll(async () => {
  await Promise.all([db?.end(), server?.stop()]);
});

/** Endpoints that have failed, each with its notice; `emails`: instead of an address for each. */
async function failed(prefix: string, count: number, emails?: string[]): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `${prefix}_${n}`);
  await db.query(
    `INSERT INTO endpoints (id, tenant_id, url, profile, events, environments, method, headers, notify_emails)
     SELECT 'ep_' || id, 't', 'http://x.test', 'standard', '{*}', '{production}', 'POST', '{}', coalesce($2::text[], ARRAY[id || '@a.test'])
       FROM unnest($1::text[]) id`,
    [ids, emails ?? null],
  );
  await db.query(
    `INSERT INTO notices (tenant_id, id, endpoint_id, kind, deliveries, delivery_ids, opened_at, granted_at, granted_number)
     SELECT 't', 'ntc_' || id, 'ep_' || id, 'delivery.exhausted', 1, '{dlv_1}', now() - interval '1 hour', now(), 1
       FROM unnest($1::text[]) id`,
    [ids],
  );
  return ids;
}

const activities = (on: Queryable, counted: string[] = [], mailsPerAddress = 100) =>
  createNotifyActivities({
    ...{ db: on, show: null, windowSeconds: 1, mailsPerHour: 60, mailsPerAddress, publicUrl: null },
    mailer: createMailer({
      ...{ smtpUrl: `smtp://127.0.0.1:${server.port}`, from: 'a@b.test', tls: 'offered' },
    }),
    onMailed: (result, addresses) => counted.push(`${addresses} ${result}`),
  });

const send = (id: string, on: Queryable = db, counted?: string[], mailsPerAddress?: number) =>
  new MockActivityEnvironment().run(() =>
    activities(on, counted, mailsPerAddress).sendNotice({
      tenantId: 't',
      endpointId: `ep_${id}`,
      id: `ntc_${id}`,
    }),
  );

it('a process that is killed after the server took a mail, and before that is noted, sends it once more and no oftener', async () => {
  const [id] = await failed('killed', 1);
  /** From the moment in which the mail is there, nothing of this process reaches Postgres. */
  const dying = {
    query: (config: never) =>
      server.to(`${id}@a.test`).length > 0 ? Promise.reject(new Error('killed')) : db.query(config),
  } as unknown as Queryable;
  await expect(send(id!, dying)).rejects.toThrow('killed');
  expect(server.to(`${id}@a.test`)).toHaveLength(1);
  // What Temporal does when the activity is not heard of: once more, and again when that was not heard of either.
  expect(await send(id!)).toBe('sent');
  expect(await send(id!)).toBe('gone');
  const mails = server.to(`${id}@a.test`);
  expect(mails).toHaveLength(2);
  // The mail server, and whoever reads it, can tell that they are the same.
  expect(headerOf(mails[0]!, 'Message-ID')).toEqual(headerOf(mails[1]!, 'Message-ID'));
});

it('three hundred endpoints that fail in one window get a mail each, each over one connection that is closed', async () => {
  const ids = await failed('many', 300);
  const counted: string[] = [];
  const before = process.memoryUsage().heapUsed;
  // As many at a time as the worker of mails has slots.
  const left = [...ids];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let id = left.shift(); id; id = left.shift()) expect(await send(id, db, counted)).toBe('sent');
    }),
  );
  expect(counted).toEqual(ids.map(() => '1 accepted'));
  for (const id of [ids[0]!, ids[150]!, ids[299]!]) expect(server.to(`${id}@a.test`)).toHaveLength(1);
  expect(server.received).toHaveLength(2 + ids.length);
  const { rows } = await db.query<{ status: string; count: number }>(
    `SELECT status, count(*)::int AS count FROM notices GROUP BY 1`,
  );
  expect(rows).toEqual([{ status: 'sent', count: 301 }]);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 << 20);
});

it('an address gets no more than its mails of the hour, however many processes send at once; what it did not get is not counted', async () => {
  const address = 'everybody@a.test';
  const ids = await failed('crowd', 30, [address]);
  server.refuse(address, 451);
  for (const id of ids.slice(0, 10)) expect(await send(id, db, [], 5)).toBe('deferred');
  server.refuse(address, null);
  const ends = await Promise.all(ids.map((id) => send(id, db, [], 5)));
  expect(ends.filter((end) => end === 'sent')).toHaveLength(5);
  expect(ends.filter((end) => end === 'not_sent')).toHaveLength(25);
  expect(server.to(address)).toHaveLength(5);
});

it('an address for which the server takes no message keeps it from others on the first try at most', async () => {
  const [stuck, good] = ['stuck@a.test', 'good@a.test'];
  const [id] = await failed('message', 1, [stuck, good]);
  server.refuseMessages(452, stuck);
  expect(await send(id!)).toBe('deferred');
  expect(server.to(good)).toEqual([]);
  expect(await send(id!)).toBe('deferred');
  expect(server.to(good)).toHaveLength(1);
  server.refuseMessages(null);
  expect(await send(id!)).toBe('sent');
  expect([server.to(stuck).length, server.to(good).length]).toEqual([1, 1]);
});

it('a server that takes nothing at all is waited for, and nothing else is sent before', async () => {
  const [id] = await failed('away', 1);
  const { port } = server;
  await server.stop();
  await expect(send(id!)).rejects.toThrow(/ECONNREFUSED/);
  server = await startTestMailServer({}, port);
  expect(await send(id!)).toBe('sent');
});

it.each([
  [1, 0, 2],
  [2, 0, 6],
  [6, 0, 486],
  [7, 60, 600],
  [30, 6 * 3_600, 3_600],
  [200, 30 * 86_400, 43_200],
])('tried %i times, %i s old, it is tried again in %i s', (tries, ageSeconds, seconds) => {
  const closedAt = new Date(Date.now() - ageSeconds * 1_000);
  expect(againInSeconds({ tries, closedAt })).toBe(seconds);
});
