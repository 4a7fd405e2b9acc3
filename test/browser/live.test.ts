/** The list of deliveries while rows come, in a real Chromium on a real Posthorn: none is lost, and none is there twice. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { useDashboard } from '../support/dashboard.ts';
import { newTenant, useRig } from '../support/rig.ts';

const rig = useRig();
const dashboard = useDashboard(rig);

async function publish(tenant: string, count: number): Promise<string[]> {
  const events = Array.from({ length: count }, (_, n) => ({ type: 'a.b', data: { n } }));
  const { body } = await rig.call('POST', `/v1/tenants/${tenant}/events/batch`, { events });
  return body.results.flatMap(({ delivery_ids }: { delivery_ids: string[] }) => delivery_ids);
}

const scrollTo = (page: Page, top: number) =>
  page.getByRole('region', { name: 'Deliveries' }).evaluate((element, to) => element.scrollTo(0, to), top);

/** All ids in the list, from its first row to its last. */
async function listed(page: Page): Promise<string[]> {
  const found = new Set<string>();
  for (let top = 0; top < 20_000; top += 400) {
    await scrollTo(page, top);
    const keys = await page
      .locator('tr[data-key]')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-key') ?? ''));
    for (const key of keys) found.add(key);
  }
  return [...found];
}

it('more at once than the stream tells of are all in the list', async () => {
  const tenant = newTenant();
  await rig.endpoint(tenant, '/burst');
  const ids = await publish(tenant, 3);
  const page = await dashboard.open(`/deliveries?tenant=${tenant}`);
  await page
    .getByRole('link', { name: /: open$/ })
    .first()
    .waitFor();
  for (const burst of await Promise.all([publish(tenant, 90), publish(tenant, 90)])) ids.push(...burst);
  await expect.poll(async () => new Set(await listed(page)).size, { timeout: 20_000 }).toBe(ids.length);
});

it('rows that come while further ones are read stay', async () => {
  const tenant = newTenant();
  await rig.endpoint(tenant, '/paged');
  await publish(tenant, 80);
  const page = await dashboard.open('/healthz');
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(/\/deliveries\?.*cursor=/, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`${rig.url}/deliveries?tenant=${tenant}`);
  await page
    .getByRole('link', { name: /: open$/ })
    .first()
    .waitFor();
  const asked = page.waitForRequest(/\/deliveries\?.*cursor=/);
  await scrollTo(page, 20_000);
  await asked;
  await scrollTo(page, 0);
  const ids = await publish(tenant, 3);
  const newest = page.locator(`tr[data-key="${ids.toSorted().at(-1)}"]`);
  await newest.waitFor();
  const answered = page.waitForResponse(/\/deliveries\?.*cursor=/);
  release();
  await answered;
  await expect.poll(async () => (await listed(page)).length).toBe(83);
  await scrollTo(page, 0);
  await newest.waitFor();
});
