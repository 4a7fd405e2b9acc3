/** Mails about what could not be delivered: on a real mail server, and where there is none. */
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect } from 'vitest';
import { describe, it } from '../support/concurrent.ts';
import { startTestPosthorn, type TestPosthorn } from '../support/posthorn.ts';
import {
  headerOf,
  htmlOf,
  startTestMailServer,
  textOf,
  type TestMailServer,
} from '../support/mail-server.ts';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const PORT_ENV = { SMTP_FROM: 'Posthorn <posthorn@sender.test>', NOTIFY_WINDOW_SECONDS: '1' };
/** Its port is known before the rig starts. */
const mail: TestMailServer = await startTestMailServer();
const rig = useRig({
  ...PORT_ENV,
  SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
  PUBLIC_URL: 'https://hooks.example.test/',
  NOTIFY_MAILS_PER_HOUR: '3',
});
afterAll(() => mail.stop());

const path = (tenant: string) => `/v1/tenants/${tenant}/notifications`;
const notifications = async (tenant: string, query = ''): Promise<Json[]> =>
  (await rig.call('GET', path(tenant) + query)).body.data;
const only = (tenant: string, status: string): Promise<Json> =>
  until(
    () => notifications(tenant),
    ([one]) => one?.status === status,
  ).then(([one]) => one);

/** An endpoint that fails at once for good. */
function failing(tenant: string, settings: object = {}, at = `/${tenant}`) {
  rig.receiver.answerAt(at, 500);
  return rig.endpoint(tenant, at, { max_retries: 0, ...settings });
}

async function fail(tenant: string, events = 1): Promise<string[]> {
  const published = await Promise.all(
    Array.from({ length: events }, () => rig.publish(tenant, { data: { card: '4711' } })),
  );
  return published.flatMap((event) => event.delivery_ids);
}

describe('a delivery that has failed for good', () => {
  it('is mailed to the endpoint’s addresses, with others that fail in the same window', async () => {
    const tenant = newTenant();
    const endpoint = await failing(tenant, {
      name: 'Shop\r\nBcc: everybody@evil.test\u001b[31m <b>&',
      notify_emails: [`ops@${tenant}.test`, `dev@${tenant}.test`],
      headers: { 'X-Token': 'header-secret' },
    });
    // Of one window, however busy the machine is: they fail when all have come.
    const waiting: ServerResponse[] = [];
    rig.receiver.answerAt(`/${tenant}`, (_, response) => {
      waiting.push(response);
      if (waiting.length === 3) for (const one of waiting) one.writeHead(500).end();
    });
    const ids = await fail(tenant, 3);
    await until(
      () => mail.to(`ops@${tenant}.test`),
      (mails) => mails.length > 0,
    );
    const sent = await only(tenant, 'sent');
    expect(sent).toMatchObject({
      kind: 'delivery.exhausted',
      endpoint_id: endpoint.id,
      deliveries: 3,
      last_status_code: 500,
      last_error: { class: 'http' },
      sent_to: [`ops@${tenant}.test`, `dev@${tenant}.test`],
      why_not: null,
      tries: 1,
    });
    expect([...sent.delivery_ids].sort()).toEqual([...ids].sort());
    const mails = mail.to(`ops@${tenant}.test`);
    expect(mails).toHaveLength(1);
    const [one] = mails;
    expect(one!.from).toBe('posthorn@sender.test');
    expect(one!.to).toEqual([`ops@${tenant}.test`, `dev@${tenant}.test`]);
    expect(headerOf(one!, 'bcc')).toEqual([]);
    expect(headerOf(one!, 'message-id')).toEqual([`<${sent.id}@sender.test>`]);
    expect(headerOf(one!, 'auto-submitted')).toEqual(['auto-generated']);
    const text = textOf(one!);
    expect(text).toContain('3 webhooks could not be delivered to Shop Bcc: everybody@evil.test [31m <b>&');
    expect(text).toContain('HTTP 500');
    expect(text).toContain(
      `https://hooks.example.test/v1/tenants/${tenant}/deliveries?endpoint_id=${endpoint.id}&status=failed`,
    );
    for (const id of ids) expect(text).toContain(id);
    expect(htmlOf(one!)).toContain('[31m &lt;b&gt;&amp;');
    expect(htmlOf(one!)).not.toContain('<b>&');
    // The host, not the path, which may be a secret of its own; nothing of events and headers.
    expect(text).not.toContain(`/${tenant}\n`);
    for (const secret of ['4711', 'header-secret', `127.0.0.1/${tenant}`, endpoint.secret as string])
      expect(one!.raw + text + htmlOf(one!)).not.toContain(secret);
  });

  it('goes to the tenant’s addresses where the endpoint has none', async () => {
    const tenant = newTenant();
    const settings = { name: 'Acme', notify_emails: [`all@${tenant}.test`] };
    const put = await rig.call('PUT', `/v1/tenants/${tenant}`, settings);
    expect(put.body).toMatchObject(settings);
    await failing(tenant);
    await fail(tenant);
    expect(await only(tenant, 'sent')).toMatchObject({ sent_to: [`all@${tenant}.test`], deliveries: 1 });
    expect(mail.to(`all@${tenant}.test`)).toHaveLength(1);
    // The next window is another mail.
    await fail(tenant);
    await until(
      () => mail.to(`all@${tenant}.test`),
      (mails) => mails.length === 2,
    );
  });

  it('is listed and not mailed where nobody is named; not at all where notify_on_failure is off', async () => {
    const [nobody, off] = [newTenant(), newTenant()];
    await failing(nobody);
    await failing(off, { notify_on_failure: false, notify_emails: [`x@${off}.test`] });
    const [id] = await fail(off);
    await fail(nobody);
    await rig.settled(off, id!, 'failed');
    expect(await only(nobody, 'not_sent')).toMatchObject({ why_not: { code: 'no_address' }, sent_at: null });
    expect(await notifications(off)).toEqual([]);
  });

  it('is not told of a test event, nor of one that was sent again by hand', async () => {
    const tenant = newTenant();
    const endpoint = await failing(tenant, { notify_emails: [`x@${tenant}.test`] });
    const test = await rig.call('POST', `/v1/tenants/${tenant}/endpoints/${endpoint.id}/test`);
    await rig.settled(tenant, test.body.delivery_id, 'failed');
    expect(await notifications(tenant)).toEqual([]);
    const [id] = await fail(tenant);
    await only(tenant, 'sent');
    await rig.call('POST', `/v1/tenants/${tenant}/deliveries/${id}/retry`);
    await until(
      () => rig.delivery(tenant, id!),
      ({ attempt_count: attempts }) => attempts === 2,
    );
    expect(await notifications(tenant)).toHaveLength(1);
  });

  it('an address that has had its mails of the hour, whoever sent them, is left out', async () => {
    const [tenant, other] = [newTenant(), newTenant()];
    const [full, free] = [`Full@${tenant}.test`, `free@${tenant}.test`];
    // Of this hour, and of the next if it begins just now.
    await rig.sql(
      `INSERT INTO mailed_addresses (address, hour, mails)
       SELECT encode(sha256(convert_to(lower($1), 'UTF8')), 'hex'), date_trunc('hour', now()) + n * interval '1 hour', 100
         FROM generate_series(0, 1) AS n`,
      full,
    );
    await failing(tenant, { notify_emails: [full, free] });
    await failing(other, { notify_emails: [full.toLowerCase()] });
    await Promise.all([fail(tenant), fail(other)]);
    expect(await only(tenant, 'sent')).toMatchObject({
      sent_to: [free],
      last_problem: '1 of the addresses have had 100 mails in this hour',
    });
    expect((await only(other, 'not_sent')).why_not.code).toBe('limit');
    expect(mail.received.filter(({ to }) => to.some((one) => /^full@/i.test(one)))).toEqual([]);
    const counted = await rig.sql('SELECT mails FROM mailed_addresses WHERE mails < 100 ORDER BY hour DESC');
    expect(counted.length).toBeGreaterThan(0);
  });

  it('of a tenant with many failing endpoints, only so many are mailed in an hour, and the last one says so', async () => {
    const tenant = newTenant();
    await rig.call('PUT', `/v1/tenants/${tenant}`, { notify_emails: [`all@${tenant}.test`] });
    for (const n of [1, 2, 3, 4, 5, 6]) await failing(tenant, {}, `/${tenant}-${n}`);
    await fail(tenant);
    const ended = await until(
      () => notifications(tenant),
      (all) => all.length === 6 && all.every(({ status }) => status === 'sent' || status === 'not_sent'),
    );
    expect(ended.filter(({ status }) => status === 'sent')).toHaveLength(3);
    for (const one of ended.filter(({ status }) => status === 'not_sent'))
      expect(one.why_not.code).toBe('limit');
    const mails = mail.to(`all@${tenant}.test`);
    expect(mails).toHaveLength(3);
    expect(mails.filter((one) => textOf(one).includes('This was the last of 3 mails'))).toHaveLength(1);
    // An hour later there is room again, and the mail says what was left out.
    await rig.sql(
      `UPDATE notices SET granted_at = granted_at - interval '61 minutes' WHERE tenant_id = $1`,
      tenant,
    );
    await fail(tenant);
    const later = await until(
      () => mail.to(`all@${tenant}.test`),
      (all) => all.length >= 4,
    );
    expect(textOf(later[3]!)).toMatch(/[3-6] more notices of this tenant were not mailed in the last hour/);
  });
});

describe('addresses and mail servers', () => {
  it('what one address refuses reaches the others; what it refuses for now comes later', async () => {
    const tenant = newTenant();
    const [bad, slow, good] = ['bad', 'slow', 'good'].map((name) => `${name}@${tenant}.test`) as [
      string,
      string,
      string,
    ];
    mail.refuse(bad, 550);
    mail.refuse(slow, 451);
    await failing(tenant, { notify_emails: [bad, slow, good] });
    await fail(tenant);
    const waiting = await until(
      () => notifications(tenant),
      ([one]) => one?.tries === 1 && one.status === 'waiting',
    );
    expect(waiting[0]).toMatchObject({
      sent_to: [good],
      refused_by: [bad],
      last_problem: expect.stringContaining('nobody of that name'),
    });
    expect(Date.parse(waiting[0]!.next_try_at)).toBeGreaterThan(Date.parse(waiting[0]!.last_at));
    mail.refuse(slow, null);
    expect(await only(tenant, 'sent')).toMatchObject({
      ...{ sent_to: [good, slow], refused_by: [bad], tries: 2, next_try_at: null },
    });
    expect(mail.to(good)).toHaveLength(1);
    expect(headerOf(mail.to(slow)[0]!, 'message-id')).toEqual(headerOf(mail.to(good)[0]!, 'message-id'));
  });

  it('one that is refused for now, every time, keeps the others from nothing', async () => {
    const tenant = newTenant();
    const [stuck, good] = [`stuck@${tenant}.test`, `fine@${tenant}.test`];
    mail.refuse(stuck, 452);
    await failing(tenant, { notify_emails: [stuck, good] });
    for (const mails of [1, 2]) {
      await fail(tenant);
      await until(
        () => mail.to(good),
        (got) => got.length === mails,
      );
    }
    expect(mail.to(stuck)).toEqual([]);
    mail.refuse(stuck, null);
    await until(
      () => notifications(tenant),
      (all) => all.length === 2 && all.every(({ status }) => status === 'sent'),
    );
    expect([mail.to(stuck).length, mail.to(good).length]).toEqual([2, 2]);
  });

  it('what all refuse for good is given up, and said', async () => {
    const tenant = newTenant();
    mail.refuse(`gone@${tenant}.test`, 550);
    await failing(tenant, { notify_emails: [`gone@${tenant}.test`] });
    await fail(tenant);
    expect(await only(tenant, 'not_sent')).toMatchObject({
      why_not: { code: 'refused' },
      refused_by: [`gone@${tenant}.test`],
      tries: 1,
    });
  });

  it('bad filters are named', async () => {
    expectProblem(await rig.call('GET', `${path('t')}?status=lost&kind=x`), 422, 'status', 'kind');
    expectProblem(
      await rig.call('PUT', '/v1/tenants/t', { notify_emails: ['nobody'] }),
      422,
      'notify_emails[0]',
    );
  });
});

describe('while the mail server is away', () => {
  let app: TestPosthorn;
  let port: number;
  beforeAll(async () => {
    const server = await startTestMailServer();
    port = server.port;
    await server.stop();
    app = await startTestPosthorn({ ...PORT_ENV, SMTP_URL: `smtp://user:pass-word@127.0.0.1:${port}` });
  });
  afterAll(() => app.stop());

  it('nothing is lost: it goes out when that is back, also by another process', async () => {
    const tenant = newTenant();
    rig.receiver.answerAt(`/${tenant}`, 503);
    const body = {
      url: `${rig.receiver.url}/${tenant}`,
      max_retries: 0,
      notify_emails: [`x@${tenant}.test`],
    };
    await app.call('POST', `/v1/tenants/${tenant}/endpoints`, body);
    const publish = () => app.call('POST', `/v1/tenants/${tenant}/events`, { type: 'a.b', data: {} });
    const list = async (on = app) => (await on.call('GET', path(tenant))).body.data as Json[];
    await publish();
    const [waiting] = await until(list, ([one]) => one?.tries === 1 && one.status === 'waiting');
    expect(waiting.last_problem).toMatch(/ECONNREFUSED/);
    expect(JSON.stringify(waiting)).not.toContain('pass-word');
    // Later failures are gathered by the next notice, however long it takes.
    await publish();
    await until(list, (all) => all.length === 2);
    await app.stop();
    const server = await startTestMailServer(
      { onAuth: (_auth, _session, done) => done(null, { user: 'user' }) },
      port,
    );
    app = await startTestPosthorn(
      {
        ...PORT_ENV,
        SMTP_URL: `smtp://user:pass-word@127.0.0.1:${port}`,
        POSTHORN_TASK_QUEUE: app.config.taskQueue,
      },
      app.databaseUrl,
    );
    await until(
      () => list(),
      (all) => all.length === 2 && all.every(({ status }) => status === 'sent'),
    );
    expect(server.to(`x@${tenant}.test`)).toHaveLength(2);
    await server.stop();
  });
});

it('without a mail server, mails are shown in development, and listed everywhere', async () => {
  const shown: string[] = [];
  const showMail = (text: string) => shown.push(text);
  const app = await startTestPosthorn({ NOTIFY_WINDOW_SECONDS: '1' }, undefined, { showMail });
  const silent = await startTestPosthorn({ NOTIFY_WINDOW_SECONDS: '1' });
  rig.receiver.answerAt('/shown', 500);
  const isListed = async (one: TestPosthorn) => {
    const body = {
      url: `${rig.receiver.url}/shown`,
      name: 'a\u001b[2Jb',
      max_retries: 0,
      notify_emails: ['x@y.test'],
    };
    await one.call('POST', '/v1/tenants/t/endpoints', body);
    await one.call('POST', '/v1/tenants/t/events', { type: 'a.b', data: {} });
    const [notice] = await until(
      async () => (await one.call('GET', path('t'))).body.data as Json[],
      ([found]) => found?.status === 'not_sent',
    );
    expect(notice.why_not.code).toBe('no_smtp');
  };
  await Promise.all([isListed(app), isListed(silent)]);
  expect(shown).toHaveLength(1);
  expect(shown[0]).toContain('[mail] to x@y.test: A webhook could not be delivered to a [2Jb');
  expect(shown[0]).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
  await Promise.all([app.stop(), silent.stop()]);
});
