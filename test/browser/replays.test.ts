/** What failed is sent again from the dashboard, in a real Chromium on a real Posthorn. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { useDashboard } from '../support/dashboard.ts';
import { newTenant, useRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();
const dashboard = useDashboard(rig);
const COUNT = 100;

/** A webhook with so many deliveries that have failed for good, and takes what comes from now on. */
async function failed() {
  const tenant = newTenant();
  const path = `/replayed-${tenant}`;
  rig.receiver.answerAt(path, 500);
  const endpoint = await rig.endpoint(tenant, path, { name: 'Back again', max_retries: 0 });
  const events = Array.from({ length: COUNT }, (_, n) => ({ type: 'a.b', data: { n } }));
  await rig.call('POST', `/v1/tenants/${tenant}/events/batch`, { events });
  await until(
    () => rig.call('GET', `/v1/tenants/${tenant}/deliveries?status=failed&limit=${COUNT}`),
    ({ body }) => body.data.length === COUNT,
  );
  rig.receiver.answerAt(path, 200);
  return { tenant, endpoint, sent: () => rig.receiver.at(path).length - COUNT };
}

const done = async (page: Page): Promise<number> =>
  Number(await page.getByRole('progressbar').getAttribute('aria-valuenow'));

/** The figures below the bar. */
async function shown(page: Page): Promise<Record<string, number>> {
  const of = (name: string) =>
    page
      .locator('dl > div', { has: page.locator('dt').getByText(name, { exact: true }) })
      .locator('dd')
      .textContent();
  const [succeeded, cancelled, open] = await Promise.all(['Delivered', 'Cancelled', 'On their way'].map(of));
  return { succeeded: Number(succeeded), cancelled: Number(cancelled), open: Number(open) };
}

it('all are counted first, followed on their way, paused, and cancelled with figures that are right', async () => {
  const { tenant, endpoint, sent } = await failed();
  const page = await dashboard.open(`/deliveries?tenant=${tenant}&endpoint=${endpoint.id}`);
  // Equal failures in a row are one line.
  await page.getByText(/500 × \d\d/).waitFor();
  await page.getByRole('button', { name: 'Send again…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(`${COUNT} would be sent.`).waitFor();
  await dialog.getByLabel('Per second').fill('3');
  await dialog.getByRole('button', { name: `Send ${COUNT}` }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Go on' }).click();

  const bar = page.getByRole('progressbar');
  await until(
    () => bar.getAttribute('aria-valuemax'),
    (max) => max === String(COUNT),
  );
  const first = await until(
    () => done(page),
    (count) => count > 0,
  );
  await until(
    () => done(page),
    (count) => count > first,
  );
  await page.getByText(new RegExp(`^[1-9]\\d* of ${COUNT} done$`)).waitFor();

  await page.getByRole('button', { name: 'Cancel the replay' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the replay' }).click();
  await page.getByText('Cancelled by hand.').waitFor();
  const replays = `/v1/tenants/${tenant}/replays`;
  const [{ id }] = (await rig.call('GET', replays)).body.data;
  const { body: ended } = await until(
    () => rig.call('GET', `${replays}/${id}`),
    ({ body }) => body.completed_at !== null,
  );
  expect(ended.total).toBeLessThan(COUNT);
  expect(ended.succeeded + ended.cancelled).toBe(ended.total);
  // One that was cancelled may have been on the wire.
  expect(sent()).toBeGreaterThanOrEqual(ended.succeeded);
  expect(sent()).toBeLessThanOrEqual(ended.total);
  await until(
    () => shown(page),
    ({ succeeded, open }) => succeeded === ended.succeeded && open === 0,
  );
  expect((await shown(page)).cancelled).toBe(ended.cancelled);
  await page.getByText(`${ended.total} of ${ended.total} done`).waitFor();
});

it('what the list is filtered by and a replay cannot be is said; the one that is sent first is of what was chosen', async () => {
  const tenant = newTenant();
  const path = `/narrow-${tenant}`;
  rig.receiver.answerAt(path, 500);
  const settings = { max_retries: 0, environments: ['production', 'staging'] };
  const { id } = await rig.endpoint(tenant, path, settings);
  const ids: string[] = [];
  for (const event of [{ environment: 'staging' }, { type: 'c.d' }])
    ids.push(...(await rig.publish(tenant, event)).delivery_ids);
  for (const one of ids) await rig.settled(tenant, one, 'failed');
  rig.receiver.answerAt(path, 200);
  const page = await dashboard.open(
    `/deliveries?tenant=${tenant}&endpoint=${id}&type=a.b&environment=staging`,
  );
  await page
    .getByRole('link', { name: /: open$/ })
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Send again…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('The list is filtered by Staging').waitFor();
  await dialog.getByLabel('Send one first').check();
  await dialog.getByRole('button', { name: 'Send 1' }).click();
  await page.getByText('Show its deliveries').waitFor();
  await rig.settled(tenant, ids[0]!, 'succeeded');
  expect((await rig.delivery(tenant, ids[1]!)).status).toBe('failed');
});

it('a tab that watches a replay follows what is done to it elsewhere, and offers nothing when it is over', async () => {
  const { tenant, endpoint } = await failed();
  const replays = `/v1/tenants/${tenant}/replays`;
  const since = new Date(Date.now() - 600_000);
  const { body: begun } = await rig.call('POST', replays, { endpoint_id: endpoint.id, since, per_second: 2 });
  const at = `${replays}/${begun.id}`;
  const watched = await dashboard.open(`/replays/${begun.id}?tenant=${tenant}`);
  const listed = await dashboard.open(`/replays?tenant=${tenant}`);
  const other = await dashboard.open(`/replays/${begun.id}?tenant=${tenant}`);
  // Not the figure of the same name, which is always there.
  const pill = (page: Page, text: string) =>
    page
      .locator('main span')
      .filter({ hasText: new RegExp(`^${text}$`) })
      .first()
      .waitFor({ timeout: 8_000 });
  await watched.getByRole('button', { name: 'Pause' }).focus();

  await other.getByRole('button', { name: 'Pause' }).click();
  await pill(watched, 'Paused');
  await pill(listed, 'Paused');
  expect(await watched.getByRole('button', { name: 'Pause' }).count()).toBe(0);
  // What had the focus is gone: it is not back at the start of the page.
  await expect.poll(() => watched.locator('main').evaluate((main) => main.matches(':focus'))).toBe(true);

  await rig.call('POST', `${at}/resume`);
  await pill(watched, 'Running');
  await until(
    () => done(watched),
    (count) => count > 0,
  );
  await watched.getByRole('button', { name: 'Cancel the replay' }).click();
  await watched.getByRole('dialog').waitFor();
  await rig.call('POST', `${at}/cancel`);
  await pill(watched, 'Cancelled');
  await pill(listed, 'Cancelled');
  await watched.getByRole('dialog').waitFor({ state: 'detached' });
  for (const page of [watched, other])
    for (const name of ['Pause', 'Go on', 'Cancel the replay'])
      await page.getByRole('button', { name }).waitFor({ state: 'detached' });
  await expect.poll(() => watched.locator('main').evaluate((main) => main.matches(':focus'))).toBe(true);
  const { body: ended } = await until(
    () => rig.call('GET', at),
    ({ body }) => body.completed_at !== null,
  );
  for (const page of [watched, other]) {
    const { succeeded, cancelled } = ended;
    await expect.poll(() => shown(page)).toEqual({ succeeded, cancelled, open: 0 });
    await page.getByText(`${ended.total} of ${ended.total} done`).waitFor();
  }
  await listed.getByText(`${ended.total} / ${ended.total}`).waitFor();
});

/** The dialog for one failed delivery of a new tenant. The first answer to whoever begins a replay there is lost. */
async function losingTheAnswer() {
  const tenant = newTenant();
  const path = `/lost-${tenant}`;
  rig.receiver.answerAt(path, 500);
  const { id } = await rig.endpoint(tenant, path, { max_retries: 0 });
  const [first] = (await rig.publish(tenant)).delivery_ids;
  await rig.settled(tenant, first!, 'failed');
  rig.receiver.answerAt(path, 200);
  const page = await dashboard.open(`/deliveries?tenant=${tenant}&endpoint=${id}`);
  let begun = 0;
  await page.route('**/replays', async (route) => {
    if (route.request().postDataJSON()?.dry_run !== undefined || (begun += 1) > 1) return route.continue();
    await route.fetch();
    return route.abort('connectionreset');
  });
  await page.getByRole('button', { name: 'Send again…' }).click();
  await page.getByRole('button', { name: 'Send 1' }).click();
  await page.getByText('Try again: it begins once.').waitFor();
  const all = async () => (await rig.call('GET', `/v1/tenants/${tenant}/replays`)).body.data as unknown[];
  return { page, path, all };
}

it('a replay whose answer was lost begins once, however often it is asked for', async () => {
  const { page, path, all } = await losingTheAnswer();
  await page.getByRole('button', { name: 'Send 1' }).click();
  await page.getByText('Show its deliveries').waitFor();
  await page.getByText('Completed', { exact: true }).waitFor();
  expect(await all()).toHaveLength(1);
  expect(rig.receiver.at(path)).toHaveLength(2);
});

it('a replay that is changed after its answer was lost is said to have begun as it was', async () => {
  const { page, all } = await losingTheAnswer();
  await page.getByLabel('Per second').fill('5');
  await page.getByRole('button', { name: 'Send 1' }).click();
  await page.getByText('It had begun before you changed this').waitFor();
  await page.getByText('Idempotency-Key').waitFor({ state: 'detached' });
  expect(await all()).toHaveLength(1);
});
