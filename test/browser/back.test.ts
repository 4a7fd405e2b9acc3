/** Back, Forward, reload and Escape where something is open, in a real Chromium on a real Posthorn. */
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { useDashboard } from '../support/dashboard.ts';
import { newTenant, useRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();
const dashboard = useDashboard(rig);
const tenant = newTenant();
/** Newest first, as they stand in the list; each with an answer of its own, so that none are folded. */
const ids: string[] = [];

beforeAll(async () => {
  const path = '/back';
  await rig.endpoint(tenant, path, { max_retries: 0 });
  for (let n = 0; n < 6; n += 1) {
    rig.receiver.answerAt(path, 500 + n);
    const [id] = (await rig.publish(tenant, { type: n % 2 ? 'a.b' : 'c.d' })).delivery_ids;
    await rig.settled(tenant, id!, 'failed');
    ids.unshift(id!);
  }
});

/** A row that is not in the document while the first ones are seen. */
const FAR = 35;

const drawer = (page: Page) => page.getByRole('complementary');
const row = (page: Page, id: string) => page.locator(`[data-key="${id}"] a`);
const shows = (page: Page, id: string) => drawer(page).locator('header').getByText(id).waitFor();
const isClosed = (page: Page) => drawer(page).waitFor({ state: 'detached' });
const hasFocus = (page: Page, id: string) =>
  expect.poll(() => row(page, id).evaluate((link) => link.matches(':focus'))).toBe(true);

it('the drawer is one step of the history, however many deliveries are looked at in it', async () => {
  const page = await dashboard.open(`/webhooks?tenant=${tenant}`);
  await page.getByRole('link', { name: 'Deliveries', exact: true }).first().click();
  await row(page, ids[1]!).click();
  await shows(page, ids[1]!);
  await page.keyboard.press('j');
  await shows(page, ids[2]!);
  await page.keyboard.press('j');
  await shows(page, ids[3]!);
  await page.goBack();
  await isClosed(page);
  await hasFocus(page, ids[3]!);
  await page.goForward();
  await shows(page, ids[3]!);
  await page.reload();
  await shows(page, ids[3]!);
  // What is closed is not opened again by Back, and Escape twice is no more than once.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await isClosed(page);
  await hasFocus(page, ids[3]!);
  await page.goBack();
  await page.waitForURL('**/webhooks?*');
});

it('the list follows the drawer, and has the focus where that was closed', async () => {
  const many = newTenant();
  await rig.endpoint(many, '/many');
  const events = Array.from({ length: 60 }, (_, n) => ({ type: 'a.b', data: { n } }));
  await rig.call('POST', `/v1/tenants/${many}/events/batch`, { events });
  const list = await until(
    () => rig.call('GET', `/v1/tenants/${many}/deliveries?status=succeeded&limit=100`),
    ({ body }) => body.data.length === events.length,
  );
  const far = list.body.data[FAR].id as string;
  const page = await dashboard.open(`/deliveries?tenant=${many}`);
  await page.locator('[data-key] a').first().click();
  await drawer(page).locator('header').waitFor();
  expect(await row(page, far).count()).toBe(0);
  for (let n = 0; n < FAR; n += 1) {
    await shows(page, list.body.data[n].id);
    await page.keyboard.press('j');
  }
  await shows(page, far);
  await row(page, far).waitFor();
  await page.keyboard.press('Escape');
  await isClosed(page);
  await hasFocus(page, far);
});

it('filters are there again with the drawer, and a link that was sent to somebody opens both', async () => {
  const page = await dashboard.open(`/deliveries?tenant=${tenant}`);
  await page.getByLabel('Event type').fill('c.d');
  await row(page, ids[0]!).waitFor({ state: 'detached' });
  await row(page, ids[1]!).click();
  await shows(page, ids[1]!);
  const link = page.url().replace(rig.url, '');
  await page.reload();
  await shows(page, ids[1]!);
  await page.goBack();
  await isClosed(page);
  expect(await page.getByLabel('Event type').inputValue()).toBe('c.d');
  expect(await row(page, ids[0]!).count()).toBe(0);

  const other = await dashboard.open(link);
  await shows(other, ids[1]!);
  // Wherever the focus has gone meanwhile.
  await other.getByRole('heading', { name: 'Deliveries' }).click();
  await other.keyboard.press('Escape');
  await isClosed(other);
  expect(other.url()).not.toContain('open=');
  expect(await other.getByLabel('Event type').inputValue()).toBe('c.d');
});

it('closed, a drawer whose delivery is not in the list leaves the focus at the list, or at the page where that is empty', async () => {
  const page = await dashboard.open(`/deliveries?tenant=${tenant}&type=a.b&open=${ids[1]!}`);
  await shows(page, ids[1]!);
  await page.keyboard.press('Escape');
  await isClosed(page);
  const list = page.getByRole('region', { name: 'Deliveries' });
  await expect.poll(() => list.evaluate((region) => region.matches(':focus'))).toBe(true);

  const empty = await dashboard.open(`/deliveries?tenant=${tenant}&type=x.y&open=dlv_unknown`);
  await drawer(empty).getByRole('alert').waitFor();
  await empty.keyboard.press('Escape');
  await isClosed(empty);
  await expect.poll(() => empty.locator('main').evaluate((main) => main.matches(':focus'))).toBe(true);
});

it('what opens behind a dialog takes no focus out of it', async () => {
  const page = await dashboard.open(`/deliveries?tenant=${tenant}`);
  await row(page, ids[1]!).click();
  await shows(page, ids[1]!);
  await page.goBack();
  await isClosed(page);
  await page.getByRole('button', { name: 'Send again…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await page.goForward();
  await page.locator('aside').getByText(ids[1]!).first().waitFor();
  expect(await dialog.evaluate((element) => element.matches(':focus-within'))).toBe(true);
  // One thing after the other.
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(page.url()).toContain('open=');
  await page.keyboard.press('Escape');
  await isClosed(page);
});
