import { describe, expect, it } from 'vitest';
import { expectProblem, newTenant, rowCounts, useRig } from '../support/rig.ts';

const rig = useRig({ POSTHORN_ENV: 'production', POSTHORN_ENCRYPTION_KEY: 'key-of-these-tests-only' });
const make = (body: object) => rig.call('POST', `/v1/tenants/${newTenant()}/endpoints`, body);

describe('in production an endpoint', () => {
  it.each([
    'http://example.com/hook',
    'https://127.0.0.1/',
    'https://localhost/',
    'https://api.localhost./',
    'https://10.0.0.1/',
    'https://172.16.3.4:8443/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://100.64.0.1/',
    'https://0.0.0.0/',
    'https://[::1]/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://127.1/',
    'https://user@example.com/',
  ])('cannot have the url %s', async (url) => {
    const before = await rowCounts(rig);
    expectProblem(await make({ url }), 422, 'url');
    expect(await rowCounts(rig)).toEqual(before);
  });

  it.each(['https://example.com:8443/webhook', 'https://example.com/', 'https://93.184.215.14:9000/x?y=z'])(
    'can have the url %s',
    async (url) => {
      expect(await make({ url })).toMatchObject({ status: 201, body: { url } });
    },
  );

  it('cannot be moved to an address that it could not have been made with', async () => {
    const tenant = newTenant();
    const endpoints = `/v1/tenants/${tenant}/endpoints`;
    const url = 'https://example.com/';
    const { body: made } = await rig.call('POST', endpoints, { url });
    for (const wrong of ['http://example.com/', 'https://10.0.0.1/']) {
      expectProblem(await rig.call('PATCH', `${endpoints}/${made.id}`, { url: wrong }), 422, 'url');
    }
    expect((await rig.call('GET', `${endpoints}/${made.id}`)).body.url).toBe(url);
  });

  it('that leads to a private address all the same is not connected to', async () => {
    const tenant = newTenant();
    const endpoints = `/v1/tenants/${tenant}/endpoints`;
    const body = { url: 'https://example.com/', max_retries: 0 };
    const { body: made } = await rig.call('POST', endpoints, body);
    // As if its name had come to resolve to our own network since.
    const url = rig.receiver.url.replace('http:', 'https:');
    await rig.sql('UPDATE endpoints SET url = $1 WHERE id = $2', url, made.id);
    await rig.call('PATCH', `${endpoints}/${made.id}`, { name: 'so that caches forget it' });
    const { delivery_ids } = await rig.publish(tenant);
    const failed = await rig.settled(tenant, delivery_ids[0]!, 'failed');
    expect(failed.attempts[0].error.class).toBe('blocked_address');
    expect(rig.receiver.received).toEqual([]);
  });
});
