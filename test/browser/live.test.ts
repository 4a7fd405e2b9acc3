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

/** Returns how high the list is. */
const scrollTo = (page: Page, top: number) =>
  page.getByRole('region', { name: 'Deliveries' }).evaluate((element, to) => {
    element.scrollTo(0, to);
    return element.scrollHeight;
  }, top);

/** All ids in the list, from its first row to its last. */
async function listed(page: Page): Promise<string[]> {
  const found = new Set<string>();
  for (let top = 0, height = 1; top < height; top += 400) {
    height = await scrollTo(page, top);
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
  await expect.poll(async () => new Set(await listed(page)).size).toBe(ids.length);
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

it('a row far down is as its drawer says, where no stream tells of it', async () => {
  const tenant = newTenant();
  const path = `/down-${tenant}`;
  rig.receiver.answerAt(path, 500);
  await rig.endpoint(tenant, path, { max_retries: 0 });
  const [id] = await publish(tenant, 1);
  await rig.settled(tenant, id!, 'failed');
  rig.receiver.answerAt(path, 200);
  await publish(tenant, 70);
  const page = await dashboard.open(`/deliveries?tenant=${tenant}`);
  await page
    .getByRole('link', { name: /: open$/ })
    .first()
    .waitFor();
  await scrollTo(page, 20_000);
  const row = page.locator(`tr[data-key="${id}"]`);
  await expect.poll(async () => (await scrollTo(page, 20_000), row.count())).toBe(1);
  await row.getByRole('link').click();
  await page.getByRole('button', { name: 'Retry now' }).click();
  await row.getByText('Delivered', { exact: true }).waitFor();
});

it('what is ticked is not sent again unseen: another filter begins without', async () => {
  const tenant = newTenant();
  await rig.endpoint(tenant, '/ticked');
  await publish(tenant, 2);
  const page = await dashboard.open(`/deliveries?tenant=${tenant}`);
  await page.getByRole('checkbox').first().check();
  await page.getByText('1 selected').waitFor();
  await page.getByRole('button', { name: 'Failed', exact: true }).click();
  await page.getByText('1 selected').waitFor({ state: 'detached' });
});

it('on a machine whose clock is an hour ahead, a retry that is to come is not in the past', async () => {
  const tenant = newTenant();
  const path = `/clock-${tenant}`;
  rig.receiver.answerAt(path, 500);
  await rig.endpoint(tenant, path, { retry_interval: 'fixed', retry_delay_seconds: 600 });
  const [id] = await publish(tenant, 1);
  await rig.settled(tenant, id!, 'retrying');
  // Ten minutes may be eleven: the schedule's jitter is a tenth either way.
  await rig.sql(
    `UPDATE deliveries SET next_attempt_at = now() + interval '9 minutes 20 seconds' WHERE id = $1`,
    id,
  );
  const page = await dashboard.open('/healthz');
  await page.addInitScript(`{
    const now = Date.now;
    Date = class extends Date {
      constructor(...given) { given.length > 0 ? super(...given) : super(now() + 3_600_000); }
      static now() { return now() + 3_600_000; }
    };
  }`);
  await page.goto(`${rig.url}/deliveries?tenant=${tenant}&last=1h`);
  await page
    .locator(`tr[data-key="${id}"]`)
    .getByText(/^in [89] min/)
    .waitFor();
});
