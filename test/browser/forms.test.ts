/** What is typed into forms of the dashboard, in a real Chromium on a real Posthorn: it is meant as it stands, and is not lost. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { useDashboard } from '../support/dashboard.ts';
import { newTenant, useRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const HOST = createServer();
const port = await new Promise<number>((resolve) =>
  HOST.listen(0, 'localhost', () => resolve((HOST.address() as AddressInfo).port)),
);
afterAll(() => {
  HOST.close();
  HOST.closeAllConnections();
});
const rig = useRig({ DASHBOARD_FRAME_ANCESTORS: `http://localhost:${port}` });
const dashboard = useDashboard(rig);

it('what is no number is refused in words, and not taken for an empty field', async () => {
  const tenant = newTenant();
  const page = await dashboard.open(`/webhooks/new?tenant=${tenant}`);
  await page.getByLabel('URL').fill(`${rig.receiver.url}/typed`);
  await page.getByText('More settings').click();
  await page.getByLabel('Disable after so many days without success').fill('3 days');
  await page.getByRole('button', { name: 'Create webhook' }).click();
  await page
    .getByRole('alert')
    .getByText(/must be a number/)
    .waitFor();
  expect((await rig.call('GET', `/v1/tenants/${tenant}/endpoints`)).body.data).toEqual([]);
});

it('a webhook whose answer was lost is there once after it was sent again, with its secret', async () => {
  const tenant = newTenant();
  const page = await dashboard.open(`/webhooks/new?tenant=${tenant}`);
  let posts = 0;
  await page.route('**/endpoints', async (route) => {
    if (route.request().method() !== 'POST' || (posts += 1) > 1) return route.continue();
    await route.fetch();
    return route.abort('connectionreset');
  });
  await page.getByLabel('URL').fill(`${rig.receiver.url}/once`);
  await page.getByRole('button', { name: 'Create webhook' }).click();
  await page
    .getByRole('alert')
    .getByText(/cannot be reached/)
    .waitFor();
  await page.getByRole('button', { name: 'Create webhook' }).click();
  await page.getByText('shown this once').first().waitFor();
  expect((await rig.call('GET', `/v1/tenants/${tenant}/endpoints`)).body.data).toHaveLength(1);
});

it('another language, which loads the page again, is asked about first where something was typed or is shown once', async () => {
  const tenant = newTenant();
  const page = await dashboard.open(`/webhooks/new?tenant=${tenant}`);
  await page.getByLabel('URL').fill(`${rig.receiver.url}/typed`);
  await page.getByLabel('Language').selectOption('de');
  await page.getByRole('dialog').getByRole('button', { name: 'Back' }).click();
  expect(await page.getByLabel('URL').inputValue()).toBe(`${rig.receiver.url}/typed`);
  await page.getByRole('button', { name: 'Create webhook' }).click();
  await page.getByTestId('secret').waitFor();
  await page.getByLabel('Language').first().selectOption('de');
  await page.getByRole('dialog').getByRole('button', { name: 'Back' }).click();
  await page.getByRole('button', { name: 'I have stored it' }).click();
  // Nothing is left that could be lost.
  await page.getByLabel('Language').first().selectOption('de');
  await page.getByRole('heading', { name: 'Geheimnis wechseln' }).waitFor();
});

async function newKey(tenant: string): Promise<{ id: string; key: string }> {
  const settings = { name: 'Short', scopes: ['read', 'manage'], tenant_id: tenant };
  return (await rig.call('POST', '/v1/keys', settings)).body;
}

it('what was typed is still there after the key was revoked and another one is given, in a dialog, too', async () => {
  const tenant = newTenant();
  await rig.endpoint(tenant, '/one', { name: 'One' });
  const first = await newKey(tenant);
  const page = await dashboard.open('/webhooks/new', { key: first.key });
  await page.getByLabel('Name', { exact: true }).fill('Typed');
  await page.getByLabel('URL').fill(`${rig.receiver.url}/typed`);
  await rig.call('DELETE', `/v1/keys/${first.id}`);
  await page.getByRole('button', { name: 'Create webhook' }).click();
  await page
    .getByText(/not valid any more/)
    .first()
    .waitFor();
  expect(await page.getByLabel('Name', { exact: true }).isVisible()).toBe(false);
  const second = await newKey(tenant);
  await page.getByLabel('API key').fill(second.key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Create webhook' }).click();
  await page.getByText('shown this once').first().waitFor();
  const { data } = (await rig.call('GET', `/v1/tenants/${tenant}/endpoints`)).body;
  expect(data.map(({ name }: { name: string }) => name)).toContain('Typed');

  await page.getByRole('link', { name: 'Deliveries', exact: true }).first().click();
  await page.getByRole('button', { name: 'Send again…' }).click();
  await page.getByLabel('Per second').fill('7');
  await rig.call('DELETE', `/v1/keys/${second.id}`);
  await page.getByRole('dialog').getByLabel('Webhook').selectOption({ label: 'One' });
  await page.getByLabel('API key').fill((await newKey(tenant)).key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await until(
    () => page.getByLabel('Per second').inputValue(),
    (rate) => rate === '7',
  );
});

it('so is what was typed into a form that is a dialog as a whole', async () => {
  const key = async () =>
    (await rig.call('POST', '/v1/keys', { name: 'Short', scopes: ['admin'], tenant_id: null })).body;
  const first = await key();
  const page = await dashboard.open(`/event-types?tenant=${newTenant()}`, { key: first.key });
  await page.getByRole('button', { name: 'New event type' }).click();
  await page.getByLabel('Name', { exact: true }).fill('typed.once');
  await rig.call('DELETE', `/v1/keys/${first.id}`);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByLabel('API key').fill((await key()).key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByText('typed.once').first().waitFor();
  expect((await rig.call('GET', '/v1/event-types/typed.once')).status).toBe(200);
});

it('in a frame it stays when a fresh token comes, and a new one is asked for when it was revoked', async () => {
  const tenant = newTenant();
  const token = async () =>
    (await rig.call('POST', `/v1/tenants/${tenant}/tokens`, { capability: 'manage' })).body.token as string;
  const first = await token();
  HOST.on('request', (_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><title>Host</title><script>
      addEventListener('message', ({ data }) => data.type === 'posthorn:token-needed' && (document.title = data.type));
      const give = (token) => document.querySelector('iframe').contentWindow.postMessage({ type: 'posthorn:token', token }, '${rig.url}');</script>
      <iframe src="${rig.url}/embed/webhooks/new#token=${first}" width="1000" height="700"></iframe>`);
  });
  const page = await dashboard.open('/healthz', { key: null });
  await page.goto(`http://localhost:${port}/`);
  const frame = page.frames().find((one) => one !== page.mainFrame())!;
  await frame.getByLabel('Name', { exact: true }).fill('Typed');
  await page.evaluate(`give('${await token()}')`);
  await page.waitForTimeout(1_000);
  expect(await frame.getByLabel('Name', { exact: true }).inputValue()).toBe('Typed');
  expect(await page.title()).toBe('Host');
  await rig.call('DELETE', `/v1/tenants/${tenant}/tokens`);
  await frame.getByLabel('URL').fill(`${rig.receiver.url}/typed`);
  await frame.getByRole('button', { name: 'Create webhook' }).click();
  await until(
    () => page.title(),
    (title) => title === 'posthorn:token-needed',
  );
  await page.evaluate(`give('${await token()}')`);
  await frame.getByRole('button', { name: 'Create webhook' }).click();
  await frame.getByText('shown this once').first().waitFor();
});

it('the format’s own schedule is named in the form, and stays it when something else is saved', async () => {
  const tenant = newTenant();
  const { id } = await rig.endpoint(tenant, '/waits', { profile: '8bit' });
  const page = await dashboard.open('/healthz');
  const sent: unknown[] = [];
  page.on('request', (request) => {
    if (request.method() === 'PATCH') sent.push(request.postDataJSON());
  });
  const edit = async (label: string, value: string) => {
    await page.goto(`${rig.url}/webhooks/${id}/edit?tenant=${tenant}`);
    await page.getByLabel(label, { exact: true }).fill(value);
    const waits = await page.getByLabel('Waits').locator('option:checked').textContent();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    return waits;
  };
  expect(await edit('Name', 'Renamed')).toBe('As the format says');
  expect(await edit('Retries at most', '2')).toBe('As the format says');
  expect(await edit('Name', 'Again')).toBe('As the format says');
  const none = { retry_interval: null, retry_delay_seconds: null, retry_schedule_seconds: null };
  expect(sent).toEqual([{ name: 'Renamed' }, { max_retries: 2, ...none }, { name: 'Again' }]);
  const said = `SELECT max_retries, retry_interval, retry_delay_seconds, retry_schedule_seconds FROM endpoints WHERE id = $1`;
  expect(await rig.sql(said, id)).toEqual([{ max_retries: 2, ...none }]);
});
