/** What strangers may try through the dashboard: links they send, sites they own, names they choose, the seat they take afterwards. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { useDashboard } from '../support/dashboard.ts';
import { API_KEY } from '../support/posthorn.ts';
import { newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig({ DASHBOARD_FRAME_ANCESTORS: 'http://localhost:*' });
const dashboard = useDashboard(rig);

const tokenOf = async (tenant: string): Promise<string> =>
  ((await rig.call('POST', `/v1/tenants/${tenant}/tokens`, { capability: 'read' })).body as Json).token;

const variable = (page: Page, name: string): Promise<unknown> =>
  page.evaluate(`document.documentElement.style.getPropertyValue('--ph-${name}')`);

it('a page that the browser has kept shows nothing once another one in its tab has signed out', async () => {
  const tenant = newTenant();
  await rig.endpoint(tenant, '/kept', { name: 'Kept' });
  const page = await dashboard.open('/healthz', { key: null });
  await page.evaluate(`sessionStorage.setItem('posthorn-key', ${JSON.stringify(API_KEY)})`);
  await page.goto(`${rig.url}/webhooks?tenant=${tenant}`);
  const shown = page.getByRole('link', { name: 'Kept' });
  await shown.waitFor();
  const comeBack = () =>
    page.evaluate(`window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`);
  await comeBack();
  expect(await shown.count()).toBe(1);
  // As that other page does, while this one is kept. No Chromium without a window keeps pages: the event is what it would hear.
  await page.evaluate(`sessionStorage.removeItem('posthorn-key')`);
  await comeBack();
  await page.getByLabel('API key').waitFor();
  expect(await shown.count()).toBe(0);
});

it('a link hides nothing from an operator by its colours; a frame has those that its page wants', async () => {
  const tenant = newTenant();
  const page = await dashboard.open(`/webhooks?tenant=${tenant}#theme=dark&ink=%23000&page=%23000`);
  await page.getByText('Send your first webhook').waitFor();
  expect(await variable(page, 'ink')).toBe('');
  const token = await tokenOf(tenant);
  const embedded = await dashboard.open(`/embed#token=${token}&ink=%23123`, { key: null });
  await embedded.getByText('Send your first webhook').waitFor();
  expect(await variable(embedded, 'ink')).toBe('#123');
});

it('a token that comes later in the fragment is taken, and taken out of the address', async () => {
  const [first, second] = [newTenant(), newTenant()];
  await rig.endpoint(first, '/first', { name: 'First' });
  await rig.endpoint(second, '/second', { name: 'Second' });
  const page = await dashboard.open(`/embed/webhooks#token=${await tokenOf(first)}`, { key: null });
  await page.getByRole('link', { name: 'First' }).waitFor();
  await page.evaluate(`location.hash = 'token=${await tokenOf(second)}'`);
  await page.getByRole('link', { name: 'Second' }).waitFor();
  expect(page.url()).toBe(`${rig.url}/embed/webhooks`);
});

it('a token goes from the address of any page, whatever its path', async () => {
  const page = await dashboard.open('//example.com/embed#token=secret', { key: null });
  await page.getByLabel('API key').waitFor();
  expect(page.url()).toBe(`${rig.url}//example.com/embed`);
});

it('a link leads to no other request than it names', async () => {
  const tenant = newTenant();
  const page = await dashboard.open('/healthz');
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  for (const path of [`/audit?tenant=..`, `/webhooks?tenant=.`, `/deliveries?tenant=${tenant}&open=..`]) {
    await page.goto(rig.url + path);
    await page.getByText('There is no such page').first().waitFor();
  }
  const ours = asked.filter((path) => path.startsWith('/v1/'));
  expect(ours.filter((path) => !/^\/v1\/(me|tenants\/t-\w+\/\w+.*)$/.test(path))).toEqual([]);
});

it('names and addresses are read as what they are: nothing in them is hidden, turned around, or looks like another host', async () => {
  const tenant = newTenant();
  rig.receiver.answerAt(`/turned-${tenant}`, 500);
  const endpoint = await rig.endpoint(tenant, `/turned-${tenant}`, { name: 'in\u202evoice', max_retries: 0 });
  // Not through the rig, which wants to see in the answer what the document calls an address.
  await fetch(`${rig.url}/v1/tenants/${tenant}/endpoints`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: 'https://\u0430pple.com/hook', name: 'zero\u200bwidth', events: ['c.*'] }),
  });
  const { delivery_ids: ids } = await rig.publish(tenant);
  await rig.settled(tenant, ids[0]!, 'failed');
  const page = await dashboard.open(`/webhooks?tenant=${tenant}`);
  await page.getByRole('link', { name: 'in\\u202evoice' }).waitFor();
  await page.getByRole('link', { name: 'zero\\u200bwidth' }).waitFor();
  await page.getByText('https://xn--pple-43d.com/hook').waitFor();
  for (const path of [`/webhooks/${endpoint.id}/audit`, `/deliveries?open=${ids[0]}`, '/audit']) {
    await page.goto(`${rig.url}${path}${path.includes('?') ? '&' : '?'}tenant=${tenant}`);
    await page.getByText('in\\u202evoice').first().waitFor({ state: 'attached' });
    expect(await page.locator('#root').textContent(), path).not.toMatch(/[\u202e\u200b]/);
  }
});

it('a mebibyte of small parts is shown whole without stopping the tab', async () => {
  const tenant = newTenant();
  await rig.endpoint(tenant, '/parts', { name: 'Parts' });
  const { delivery_ids: ids } = await rig.publish(tenant, { data: { list: Array(300_000).fill(0) } });
  await rig.settled(tenant, ids[0]!, 'succeeded');
  const page = await dashboard.open(`/deliveries?tenant=${tenant}&open=${ids[0]}`);
  await page.getByRole('button', { name: /Show all/ }).click();
  const parts = page.getByRole('region', { name: 'Body', exact: true }).locator('span');
  await until(
    () => parts.count(),
    (count) => count > 3_000,
  );
  expect(await parts.count()).toBeLessThan(10_000);
});

it('a browser whose language has no name that counts shows times and charts as English has them', async () => {
  const tenant = newTenant();
  const { id } = await rig.endpoint(tenant, '/posix', { name: 'Posix' });
  const { delivery_ids: ids } = await rig.publish(tenant);
  await rig.settled(tenant, ids[0]!, 'succeeded');
  const page = await dashboard.open('/healthz');
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'language', { value: 'en-US@posix', configurable: true });
    Object.defineProperty(navigator, 'languages', { get: () => ['en-US@posix'] });
  });
  await page.goto(`${rig.url}/audit?tenant=${tenant}`);
  await page.getByText('Webhook created').waitFor();
  await page.goto(`${rig.url}/webhooks/${id}?tenant=${tenant}`);
  await page.locator('canvas').first().waitFor();
});

it('another origin can read nothing, even with a key, and no page of ours can be given a policy for HTML', async () => {
  const page = await dashboard.open('/healthz', { key: null });
  const { headers } = await page.request
    .get(`${rig.url}/webhooks`, { headers: { accept: 'text/html' } })
    .then((answer) => ({ headers: answer.headers() }));
  expect(headers['content-security-policy']).toContain(`trusted-types 'none'`);
  await page.route('http://stranger.test/', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Stranger</title>' }),
  );
  await page.goto('http://stranger.test/');
  const read = await page.evaluate(
    async ([url, key]) => {
      const answers = [
        fetch(`${url}/v1/me`, { headers: { authorization: `Bearer ${key}` } }),
        fetch(`${url}/openapi.json`),
        fetch(`${url}/webhooks`),
      ];
      return (await Promise.allSettled(answers)).map(({ status }) => status);
    },
    [rig.url, API_KEY] as const,
  );
  expect(read).toEqual(['rejected', 'rejected', 'rejected']);
});

it('who may read is offered no change, whichever address is opened', async () => {
  const tenant = newTenant();
  const { id } = await rig.endpoint(tenant, '/looked-at', { name: 'Looked at' });
  const key = await rig.call('POST', '/v1/keys', { name: 'reader', scopes: ['read'], tenant_id: tenant });
  const read = await dashboard.open('/healthz', { key: key.body.key as string });
  for (const path of [`${id}/edit`, `${id}/secret`, `${id}/test`, 'new']) {
    await read.goto(`${rig.url}/webhooks/${path}`);
    await read.getByText('You may look, but not change anything here.').waitFor();
    expect(await read.getByRole('main').getByRole('button').count()).toBe(0);
  }
  await read.goto(`${rig.url}/keys`);
  await read.getByText('You may not see this').waitFor();
  expect(await read.getByRole('button', { name: 'New API key' }).count()).toBe(0);
});
