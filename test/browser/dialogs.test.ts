/** Every question and every form in front of a page, light and dark, in a real Chromium on a real Posthorn, as axe sees it. */
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { useDashboard, violationsOn } from '../support/dashboard.ts';
import { newTenant, useRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();
const dashboard = useDashboard(rig);
const tenant = newTenant();
const ids = { webhook: '', paused: '', replay: '' };

beforeAll(async () => {
  const path = '/dialogs';
  rig.receiver.answerAt(path, 500);
  ids.webhook = (await rig.endpoint(tenant, path, { name: 'Asked', max_retries: 0 })).id;
  const [failed] = (await rig.publish(tenant)).delivery_ids;
  await rig.settled(tenant, failed!, 'failed');
  await rig.call('POST', `/v1/tenants/${tenant}/endpoints/${ids.webhook}/secret/rotate`, {});
  ids.paused = (await rig.endpoint(tenant, '/paused', { name: 'Paused', enabled: false })).id;
  await rig.publish(tenant);
  const paused = `/v1/tenants/${tenant}/endpoints/${ids.paused}`;
  await until(
    () => rig.call('GET', paused),
    ({ body }) => body.held.count > 0,
  );
  const body = { endpoint_id: ids.webhook, since: new Date(Date.now() - 600_000), per_second: 0.01 };
  ids.replay = (await rig.call('POST', `/v1/tenants/${tenant}/replays`, body)).body.id;
  await rig.call('PUT', '/v1/event-types/asked.about', { description: 'Of our own' });
  await rig.call('POST', '/v1/keys', { name: 'Asked', scopes: ['read'], tenant_id: null });
});

const click = (name: string | RegExp) => (page: Page) =>
  page.locator('main').getByRole('button', { name }).first().click();

/** Where it is, and what opens it. */
const DIALOGS: [name: string, path: () => string, open: (page: Page) => Promise<void>][] = [
  ['the end of a webhook', () => '/webhooks', click('Delete Asked')],
  ['the discarding of what is held', () => `/webhooks/${ids.paused}`, click(/discard/)],
  ['a rotation', () => `/webhooks/${ids.webhook}/secret`, click('Rotate')],
  ['the end of the old secret', () => `/webhooks/${ids.webhook}/secret`, click(/old/i)],
  ['the end of a replay', () => `/replays/${ids.replay}`, click('Cancel the replay')],
  ['a replay', () => `/deliveries?endpoint=${ids.webhook}&environment=production`, openReplay],
  ['the end of an event type', () => '/event-types', deleteType],
  ['another description', () => '/event-types', editType],
  ['an import', () => '/event-types', click(/^Import/)],
  ['a new key', () => '/keys', click('New API key')],
  ['a later end of a key', () => '/keys', click(/^Let .*Asked/)],
  ['the end of a key', () => '/keys', click(/^Revoke.*Asked/)],
  [
    'another tenant',
    () => '/webhooks',
    (page) => page.getByRole('button', { name: /Change tenant/ }).click(),
  ],
  ['another language', () => '/webhooks/new', leaveBy((page) => chooseGerman(page))],
  [
    'signing out',
    () => '/webhooks/new',
    leaveBy((page) => page.getByRole('button', { name: 'Sign out' }).click()),
  ],
  ['leaving', () => '/webhooks/new', leaveBy((page) => page.getByRole('link', { name: 'Cancel' }).click())],
  ['leaving a dialog', () => '/event-types', leaveDialog],
];

const chooseGerman = async (page: Page) => void (await page.getByLabel('Language').selectOption('de'));

async function openType(page: Page): Promise<void> {
  await page.locator('summary', { hasText: 'asked.about' }).click();
}
async function openReplay(page: Page): Promise<void> {
  await click('Send again…')(page);
  await page.getByRole('button', { name: /^Send \d/ }).waitFor();
  await page.getByText(/would be sent/).waitFor();
}
async function deleteType(page: Page): Promise<void> {
  await openType(page);
  await click('Delete')(page);
}
async function editType(page: Page): Promise<void> {
  await openType(page);
  await click(/Edit.*asked\.about/)(page);
}
function leaveBy(leave: (page: Page) => Promise<void>) {
  return async (page: Page) => {
    await page.getByLabel('URL').fill('https://typed.example');
    await leave(page);
  };
}
async function leaveDialog(page: Page): Promise<void> {
  await editType(page);
  await page.getByLabel('Description').fill('Typed');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'Leave without saving?' }).waitFor();
}

it('none is wrong in light or dark', async () => {
  const page = await dashboard.open('/healthz');
  for (const [name, path, open] of DIALOGS) {
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto(`${rig.url}${path()}${path().includes('?') ? '&' : '?'}tenant=${tenant}`);
    await open(page);
    await page.getByRole('dialog').last().waitFor();
    expect(await violationsOn(page), `${name}, light`).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.locator('html[data-theme=dark]').waitFor({ state: 'attached' });
    expect(await violationsOn(page), `${name}, dark`).toEqual([]);
  }
});
