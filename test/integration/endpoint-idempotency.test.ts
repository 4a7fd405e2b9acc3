/** A request for an endpoint that is sent again makes no second one. */
import { describe, expect, it } from 'vitest';
import { API_KEY, startTestPosthorn } from '../support/posthorn.ts';
import { expectProblem, newTenant, useRig } from '../support/rig.ts';

const rig = useRig();
const key = 'key';

const pathOf = (tenant: string) => `/v1/tenants/${tenant}/endpoints`;
const create = (
  tenant: string,
  body: object | string,
  idempotencyKey = key,
  app: typeof rig.call = rig.call,
) => app('POST', pathOf(tenant), body, { 'idempotency-key': idempotencyKey });
const count = async (tenant: string) =>
  ((await rig.call('GET', pathOf(tenant))).body.data as unknown[]).length;
const url = 'http://127.0.0.1:9/hooks';

describe('an endpoint asked for twice with one key', () => {
  it('is made once, and told with its secret both times', async () => {
    const tenant = newTenant();
    const first = await create(tenant, { url });
    expect(first).toMatchObject({
      status: 201,
      body: { secret: expect.stringMatching(/^whsec_/) as string },
    });
    expect(await create(tenant, { url })).toMatchObject({ status: 200, body: first.body });
    expect((await create(tenant, { url }, 'another')).status).toBe(201);
    expect((await rig.call('POST', pathOf(tenant), { url })).status).toBe(201);
    expect((await create(newTenant(), { url })).status).toBe(201);
    expect(await count(tenant)).toBe(3);
  });

  it('is told as it is now, and a secret only while it is the one that was told first', async () => {
    const tenant = newTenant();
    const { id, secret } = (await create(tenant, { url, name: 'as it was' })).body as Record<string, string>;
    await rig.call('PATCH', `${pathOf(tenant)}/${id}`, { name: 'as it is' });
    const again = await create(tenant, { url, name: 'as it was' });
    expect(again).toMatchObject({ status: 200, body: { id, secret, name: 'as it is' } });
    await rig.call('POST', `${pathOf(tenant)}/${id}/secret/rotate`, {});
    const rotated = await create(tenant, { url, name: 'as it was' });
    expect(rotated).toMatchObject({ status: 200, body: { id } });
    expect(rotated.body).not.toHaveProperty('secret');
  });

  it('is the same by what was meant: not white space, not order, not what is the default anyway', async () => {
    const tenant = newTenant();
    const secret = 'a secret of our own';
    const first = await create(tenant, { url, secret, headers: { A: '1', B: '2' }, max_retries: 3 });
    expect(first.status).toBe(201);
    const again = `{ "headers": {"B": "2", "A": "1"},\n "max_retries": 3, "events": ["*"], "profile": "standard", "method": "POST",
      "environments": ["production"], "enabled": true, "verify_tls": true, "allowed_ips": [], "metadata": {}, "auth": null,
      "name": null, "timeout_seconds": null, "secret": ${JSON.stringify(first.body.secret)}, "url": "${url}" }`;
    expect(await create(tenant, again)).toMatchObject({ status: 200, body: first.body });
  });

  it.each([
    { url: `${url}/other` },
    { name: 'x' },
    { profile: 'eev' },
    { secret: null, profile: 'eev' },
    { secret: 'a secret of another' },
    { auth: { type: 'bearer', token: 't' } },
    { enabled: false },
    { events: ['b', 'a'] },
  ])('is refused when the second request is another one: %j', async (other) => {
    const tenant = newTenant();
    await create(tenant, { url, events: ['a', 'b'], secret: 'a secret of our own' });
    const body = { url, events: ['a', 'b'], secret: 'a secret of our own', ...other };
    const answer = await create(tenant, body);
    expectProblem(answer, 422, 'Idempotency-Key');
    expect(JSON.stringify(answer.body)).not.toContain('a secret');
    expect(await count(tenant)).toBe(1);
  });

  it('is made anew once the first has been deleted; and a refused request spends no key', async () => {
    const tenant = newTenant();
    expectProblem(await create(tenant, { url: 'ftp://x' }), 422, 'url');
    const { body } = await create(tenant, { url });
    await rig.call('DELETE', `${pathOf(tenant)}/${body.id}`);
    const again = await create(tenant, { url, name: 'another' });
    expect(again.status).toBe(201);
    expect(again.body.id).not.toBe(body.id);
  });

  it('by two processes at once is one', async ({ onTestFinished }) => {
    const other = await startTestPosthorn(
      { POSTHORN_API_KEY: API_KEY, POSTHORN_ROLE: 'api' },
      rig.databaseUrl,
    );
    onTestFinished(() => other.stop());
    const tenant = newTenant();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => create(tenant, { url }, key, n % 2 ? other.call : rig.call)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(19).fill(200), 201]);
    for (const { body } of answers) expect(body).toEqual(answers[0]!.body);
    expect(await count(tenant)).toBe(1);
    const different = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        create(tenant, { url, name: `n${n}` }, 'different', n % 2 ? other.call : rig.call),
      ),
    );
    expect(different.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(9).fill(422)]);
  });
});
