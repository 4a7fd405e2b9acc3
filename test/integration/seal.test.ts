/** Keys that change, and rows that cannot be read. */
import { describe, expect, it } from 'vitest';
import { createPool } from '../../src/store/pool.ts';
import { resealAll } from '../../src/store/reseal.ts';
import { createSeal } from '../../src/store/seal.ts';
import { verifyWebhook } from '../../src/sdk/verify/index.ts';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';

const OLD = 'the-encryption-key-of-before';
const NEW = 'the-encryption-key-of-today';
const rig = useRig({ POSTHORN_ENCRYPTION_KEYS: `${NEW},${OLD}` });
const SETTINGS = { auth: { type: 'bearer', token: 'tok-sealed' }, headers: { 'X-Key': 'header-sealed' } };

async function rowOf(id: string): Promise<Json> {
  const [row] = await rig.sql(
    'SELECT secret, previous_secrets, auth, headers, updated_at FROM endpoints WHERE id = $1',
    id,
  );
  return row;
}

/** As if another process, with these keys, had written it. */
async function sealWith(keys: string[], id: string, secret: string): Promise<void> {
  await rig.sql(
    'UPDATE endpoints SET secret = $1 WHERE id = $2',
    createSeal(keys).close(secret, `${id}/secret`),
    id,
  );
}

describe('what is sealed', () => {
  it('stands nowhere in the clear, each value bound to its row and column', async () => {
    const tenant = newTenant();
    const one = await rig.endpoint(tenant, '/x', SETTINGS);
    await rig.call('POST', `/v1/tenants/${tenant}/endpoints/${one.id}/secret/rotate`);
    const row = await rowOf(one.id);
    for (const text of ['whsec_', 'tok-sealed', 'header-sealed'])
      expect(JSON.stringify(row)).not.toContain(text);
    const seal = createSeal([NEW]);
    expect(seal.open(row.previous_secrets[0].secret, `${one.id}/previous_secrets`)).toBe(one.secret);
    expect(() => seal.open(row.secret, `${one.id}/auth`)).toThrow();
  });

  it('is not opened in another row', async () => {
    const tenant = newTenant();
    const [one, two] = [await rig.endpoint(tenant, '/x'), await rig.endpoint(tenant, '/x')];
    await rig.sql(
      'UPDATE endpoints SET secret = (SELECT secret FROM endpoints WHERE id = $1) WHERE id = $2',
      one.id,
      two.id,
    );
    const shown = await rig.call('GET', `/v1/tenants/${tenant}/endpoints/${two.id}`);
    expect(shown.body.unreadable).toContain('sealed for another row');
  });
});

describe('sealing anew', () => {
  it('takes what an older key or none sealed, once, and leaves the endpoints as they were', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    const [old, plain, current] = [
      await rig.endpoint(tenant, path, { ...SETTINGS, events: ['old.*'] }),
      await rig.endpoint(tenant, '/x', { events: ['x.*'] }),
      await rig.endpoint(tenant, '/x', { events: ['x.*'] }),
    ];
    await sealWith([OLD], old.id, old.secret);
    await sealWith([], plain.id, plain.secret);
    const before = await Promise.all([old, plain, current].map(({ id }) => rowOf(id)));
    const pool = createPool(rig.databaseUrl, 1);
    try {
      const unreadable: string[] = [];
      const anew = () => resealAll(pool, createSeal([NEW, OLD]), (id) => unreadable.push(id));
      const first = await anew();
      expect(first.resealed).toBe(2);
      expect(await anew()).toEqual({ ...first, resealed: 0, current: first.current + 2 });
    } finally {
      await pool.end();
    }
    const after = await Promise.all([old, plain, current].map(({ id }) => rowOf(id)));
    expect(after[2]).toEqual(before[2]);
    const seal = createSeal([NEW]);
    [old, plain, current].forEach(({ id, secret }, n) => {
      expect(seal.open(after[n].secret, `${id}/secret`)).toBe(secret);
      expect(after[n].updated_at).toEqual(before[n].updated_at);
    });
    await rig.publish(tenant, { type: 'old.key' });
    const [received] = await rig.calls(path, 1);
    const { headers, body } = received!;
    expect(headers['x-key']).toBe('header-sealed');
    await verifyWebhook({ profile: 'standard', secret: old.secret, headers, body });
  });

  it('leaves a request that made an endpoint known for its repeat', async () => {
    const tenant = newTenant();
    const create = () =>
      rig.call(
        'POST',
        `/v1/tenants/${tenant}/endpoints`,
        { url: 'http://127.0.0.1:9/x' },
        { 'idempotency-key': 'k' },
      );
    const { body } = await create();
    const originOf = async () =>
      (await rig.sql<{ origin: string }>('SELECT origin FROM endpoints WHERE id = $1', body.id))[0]!.origin;
    const place = `${body.id}/origin`;
    const sealedBefore = createSeal([OLD]).close(createSeal([NEW]).open(await originOf(), place), place);
    await rig.sql('UPDATE endpoints SET origin = $1 WHERE id = $2', sealedBefore, body.id);
    const pool = createPool(rig.databaseUrl, 1);
    await resealAll(pool, createSeal([NEW, OLD]), () => {}).finally(() => pool.end());
    expect(createSeal([NEW]).isCurrent(await originOf())).toBe(true);
    expect(await create()).toMatchObject({ status: 200, body });
  });

  it('leaves what no key opens as it is, and counts it', async () => {
    const tenant = newTenant();
    const { id } = await rig.endpoint(tenant, '/x');
    await sealWith(['a-key-that-nobody-has'], id, 'lost');
    const before = await rowOf(id);
    const pool = createPool(rig.databaseUrl, 1);
    const unreadable: string[] = [];
    const counts = await resealAll(pool, createSeal([NEW]), (one) => unreadable.push(one)).finally(() =>
      pool.end(),
    );
    expect(unreadable).toContain(id);
    expect(counts.unreadable).toBeGreaterThan(0);
    expect((await rowOf(id)).secret).toBe(before.secret);
    await rig.sql('UPDATE endpoints SET deleted_at = now() WHERE id = $1', id);
  });
});

describe('an endpoint that cannot be read', () => {
  it('is shown with the reason, and breaks nothing for the others of its tenant', async () => {
    const tenant = newTenant();
    const base = `/v1/tenants/${tenant}/endpoints`;
    const path = `/${tenant}`;
    const broken = await rig.endpoint(tenant, path, { name: 'broken', retry_schedule_seconds: [3600] });
    const well = await rig.endpoint(tenant, `${path}-well`);
    await sealWith(['a-key-that-nobody-has'], broken.id, 'lost');
    await rig.call('PATCH', `${base}/${well.id}`, { name: 'so that caches forget them' });

    const list = await rig.call('GET', base);
    expect(list.status).toBe(200);
    expect(list.body.data.map((one: Json) => one.id)).toEqual([broken.id, well.id]);
    expect(list.body.data[0].unreadable).toMatch(
      /secret cannot be read: .* not among POSTHORN_ENCRYPTION_KEYS/,
    );
    expect(list.body.data[1]).not.toHaveProperty('unreadable');

    const event = await rig.publish(tenant);
    expect(event.delivery_ids).toHaveLength(2);
    await rig.calls(`${path}-well`, 1);
    const deliveries = await Promise.all(event.delivery_ids.map((one) => rig.delivery(tenant, one)));
    const ofBroken = deliveries.find((one) => one.endpoint_id === broken.id);
    const failed = await rig.settled(tenant, ofBroken.id, 'retrying');
    expect(failed.attempts[0].error).toMatchObject({ class: 'invalid_request' });
    expect(failed.attempts[0].error.message).toMatch(/Nothing was sent.*POSTHORN_ENCRYPTION_KEYS/);
    expect(rig.receiver.at(path)).toEqual([]);

    // A new secret mends it.
    const rotated = await rig.call('POST', `${base}/${broken.id}/secret/rotate`);
    expect(rotated.status).toBe(200);
    expect((await rig.call('GET', `${base}/${broken.id}`)).body).not.toHaveProperty('unreadable');
    await rig.call('POST', `/v1/tenants/${tenant}/deliveries/${ofBroken.id}/retry`);
    const [received] = await rig.calls(path, 1);
    const { headers, body } = received!;
    await verifyWebhook({ profile: 'standard', secret: rotated.body.secret, headers, body });
  });

  it('can be deleted', async () => {
    const tenant = newTenant();
    const { id } = await rig.endpoint(tenant, '/x');
    await sealWith(['a-key-that-nobody-has'], id, 'lost');
    expect((await rig.call('DELETE', `/v1/tenants/${tenant}/endpoints/${id}`)).status).toBe(204);
    expect((await rig.call('GET', `/v1/tenants/${tenant}/endpoints`)).body.data).toEqual([]);
  });

  it('may have a profile that is not configured here', async () => {
    const tenant = newTenant();
    const { id } = await rig.endpoint(tenant, '/x');
    await rig.sql(`UPDATE endpoints SET profile = 'elsewhere' WHERE id = $1`, id);
    const { body } = await rig.call('GET', `/v1/tenants/${tenant}/endpoints`);
    expect(body.data[0]).toMatchObject({
      profile: 'elsewhere',
      unreadable: expect.stringContaining('"elsewhere"') as string,
    });
  });
});

it('a secret cannot look like a sealed one', async () => {
  const base = `/v1/tenants/${newTenant()}/endpoints`;
  const secret = 'sealed:1:AAAAAAAAAAAAAAAA';
  expectProblem(await rig.call('POST', base, { url: `${rig.receiver.url}/x`, secret }), 422, 'secret');
});
