/** Lists in the dashboard: keys in them, what comes in, and what asking about them costs. */
import { expect, it } from 'vitest';
import { laterShows, useDashboard, violationsOn } from '../support/dashboard.ts';
import { newTenant, useRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();
const dashboard = useDashboard(rig);

it('keys choose attempts, move on with the drawer open, and go elsewhere; a sheet lists them and switches them off', async () => {
  const tenant = newTenant();
  const path = `/keys-${tenant}`;
  rig.receiver.answerAt(path, 500);
  await rig.endpoint(tenant, path, {
    name: 'Keys',
    max_retries: 1,
    retry_interval: 'fixed',
    retry_delay_seconds: 1,
  });
  const ids: string[] = [];
  for (let n = 0; n < 2; n += 1) ids.push(...(await rig.publish(tenant, { data: { n } })).delivery_ids);
  for (const id of ids) await rig.settled(tenant, id, 'failed');
  const page = await dashboard.open(`/deliveries?tenant=${tenant}&open=${ids[1]}`);
  const drawer = page.getByRole('complementary', { name: 'Delivery' });
  await drawer.getByRole('heading', { name: 'Attempt 2' }).waitFor();
  await page.keyboard.press('[');
  await drawer.getByRole('heading', { name: 'Attempt 1' }).waitFor();
  await page.keyboard.press(']');
  await drawer.getByRole('heading', { name: 'Attempt 2' }).waitFor();
  await page.locator(`[data-key="${ids[0]!}"]`).waitFor();
  await page.keyboard.press('j');
  await drawer.getByText(ids[0]!, { exact: true }).waitFor();
  await page.keyboard.press('/');
  await until(
    () => page.evaluate(`document.activeElement?.matches('input, select')`),
    (isField) => isField === true,
  );
  // In a field, letters are letters.
  await page.keyboard.press('?');
  expect(await page.getByRole('dialog').count()).toBe(0);
  await drawer.focus();
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('Retry now').waitFor();
  expect(await violationsOn(page)).toEqual([]);
  await page
    .getByRole('dialog')
    .getByLabel(/Use single keys/)
    .uncheck();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await drawer.focus();
  await page.keyboard.press('[');
  await page.keyboard.press('g');
  await page.keyboard.press('w');
  await drawer.getByRole('heading', { name: 'Attempt 2' }).waitFor();
  await page.getByRole('button', { name: 'Keys' }).click();
  await page
    .getByRole('dialog')
    .getByLabel(/Use single keys/)
    .check();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('g');
  await page.keyboard.press('w');
  await page.getByRole('link', { name: 'Keys', exact: true }).waitFor();
  await page.keyboard.press('n');
  await page.getByRole('button', { name: 'Create webhook' }).waitFor();
});

it('where the stream cannot be had, the list is read now and then', async () => {
  const tenant = newTenant();
  await rig.endpoint(tenant, '/polled', { name: 'Polled' });
  await rig.publish(tenant);
  const page = await dashboard.open('/healthz', { withClock: true });
  // The first one begins and says nothing, as behind something that keeps it back; the others fail.
  let asked = 0;
  await page.route('**/deliveries/stream*', (route) => {
    asked += 1;
    return asked === 1 ? undefined : route.abort();
  });
  await page.goto(`${rig.url}/deliveries?tenant=${tenant}`);
  const rows = page.getByRole('link', { name: /: open$/ });
  await laterShows(page, page.getByRole('button', { name: 'Every few seconds' }));
  await rig.publish(tenant);
  await laterShows(page, rows.nth(1));
  expect(await rows.count()).toBe(2);
  await page.unroute('**/deliveries/stream*');
});

it('of many webhooks that fail, those that are seen are asked about, a few at a time', async () => {
  const tenant = newTenant();
  rig.receiver.answerAt('/many', 500);
  for (let n = 0; n < 40; n += 1) await rig.endpoint(tenant, '/many', { name: `Many ${n}` });
  const { delivery_ids: ids } = await rig.publish(tenant);
  for (const id of ids) await rig.settled(tenant, id, 'retrying');
  const page = await dashboard.open('/healthz');
  let asked = 0;
  let underWay = 0;
  let most = 0;
  await page.route('**/deliveries?*', async (route) => {
    asked += 1;
    underWay += 1;
    most = Math.max(most, underWay);
    const answer = await route.fetch();
    underWay -= 1;
    await route.fulfill({ response: answer });
  });
  await page.goto(`${rig.url}/webhooks?tenant=${tenant}`);
  await page
    .getByText(/next try/)
    .first()
    .waitFor();
  expect(await page.getByText(/^Answers 500|Answers 500 since/).count()).toBe(40);
  expect(asked).toBeLessThan(30);
  expect(most).toBeLessThanOrEqual(4);
  await page.getByRole('link', { name: 'Many 39' }).scrollIntoViewIfNeeded();
  await page
    .getByRole('row', { name: /Many 39/ })
    .getByText(/next try/)
    .waitFor();
});

it('on a phone every row names its event type and its webhook, as high as rows are, and nothing scrolls sideways', async () => {
  const tenant = newTenant();
  rig.receiver.answerAt('/sales', 503);
  const sales = { name: 'Sales in Hamburg and Bremen', max_retries: 0 };
  await rig.endpoint(tenant, '/sales', sales);
  await rig.endpoint(tenant, '/figures', { events: ['conversation.*'] });
  const { delivery_ids: ids } = await rig.publish(tenant, { type: 'conversation.created' });
  // Equal failures in a row, which become one line.
  for (let n = 0; n < 5; n += 1)
    ids.push(...(await rig.publish(tenant, { type: 'order.paid' })).delivery_ids);
  await until(
    () => Promise.all(ids.map((id) => rig.delivery(tenant, id))),
    (all) => all.every(({ status }) => status === 'failed' || status === 'succeeded'),
  );
  const page = await dashboard.open(`/deliveries?tenant=${tenant}`, { width: 375 });
  const rows = page.locator('tr[data-key]');
  await expect.poll(() => rows.count()).toBe(3);
  const host = new URL(rig.receiver.url).host;
  await rows.filter({ hasText: 'conversation.created' }).getByText(sales.name).waitFor();
  await rows.filter({ hasText: 'conversation.created' }).getByText(host).waitFor();
  await rows.filter({ hasText: '503 × 5' }).getByText(sales.name).click();
  await expect.poll(() => rows.count()).toBe(8);
  const looks = await page.evaluate(`[...document.querySelectorAll('tr[data-key]')].map((row) => ({
    height: row.getBoundingClientRect().height,
    cut: [...row.querySelectorAll('code')].filter((code) => code.scrollWidth > code.clientWidth).length,
  }))`);
  expect(looks).toEqual(Array(8).fill({ height: 44, cut: 0 }));
  const sideways = `(() => { const { scrollWidth, clientWidth } = document.querySelector('[role=region]:has(> table)'); return scrollWidth - clientWidth; })()`;
  expect(await page.evaluate(sideways)).toBe(0);
  // Wherever a row is touched, it opens.
  await rows.filter({ hasText: 'conversation.created' }).getByText(host).click({ force: true });
  await page.getByRole('complementary', { name: 'Delivery' }).waitFor();
});
