/** The dashboard without a mouse, on a narrow screen, in a real Chromium on a real Posthorn. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { useDashboard } from '../support/dashboard.ts';
import { API_KEY } from '../support/posthorn.ts';
import { newTenant, useRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();
const dashboard = useDashboard(rig);

/** What has the focus, and what is wrong with that. */
const LOOK = `(() => {
  const element = document.activeElement;
  // At the ends of a dialog: it hands the focus on with the next frame.
  if (element.matches('[data-base-ui-focus-guard]')) return { name: 'guard', problems: [] };
  const shown = element.matches('input[type=file]') ? element.previousElementSibling : element;
  const box = shown.getBoundingClientRect();
  const { outlineStyle, outlineWidth } = getComputedStyle(shown);
  const [x, y] = [box.left + Math.min(box.width, innerWidth) / 2, box.top + Math.min(box.height / 2, 12)];
  const at = document.elementFromPoint(x, y);
  const problems = [];
  if (element === document.body) problems.push('nothing has the focus');
  else {
    // What is around things that are operated is no such thing itself.
    if (element.tabIndex >= 0 && (outlineStyle === 'none' || parseFloat(outlineWidth) === 0)) problems.push('no outline');
    if (!at || !(shown.contains(at) || at.contains(shown) || at.closest('label')?.contains(shown))) problems.push('out of sight');
  }
  if (document.scrollingElement.scrollWidth > innerWidth) problems.push('the page scrolls sideways');
  const labels = [...(element.labels ?? [])].map((label) => label.textContent).join(' ');
  const name = element.getAttribute('aria-label') ?? (labels || element.textContent || element.tagName);
  return { name: name.trim().slice(0, 90), problems };
})()`;

interface Look {
  name: string;
  problems: string[];
}
const look = (page: Page) => page.evaluate<Look>(LOOK);

/** Once no guard has the focus: who presses keys faster than frames come gets past it. */
const lookPastGuards = (page: Page) =>
  until(
    () => look(page),
    ({ name }) => name !== 'guard',
  );

/** Tab by tab to what is called so. */
async function tabTo(page: Page, name: RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const met: string[] = [];
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press(key);
    const { name: found, problems } = await lookPastGuards(page);
    expect(problems, `at “${found}”, after ${met.join(' › ')}`).toEqual([]);
    if (name.test(found)) return;
    met.push(found);
  }
  throw new Error(`${name} cannot be reached: ${met.join(' › ')}`);
}

/** Something has the focus, in the end, after what had it went away. */
const isKept = (page: Page) => expect.poll(async () => (await look(page)).problems).toEqual([]);

async function press(page: Page, name: RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await tabTo(page, name, key);
  await page.keyboard.press('Enter');
}

it('from the sign-in to a webhook, a failure that is retried, a replay, and the end of the webhook', async () => {
  const tenant = newTenant();
  const path = `/keyboard-${tenant}`;
  rig.receiver.answerAt(path, 500);
  const page = await dashboard.open(`/webhooks?tenant=${tenant}`, { key: null, width: 375 });
  await page.getByLabel('API key').waitFor();
  await page.keyboard.type(API_KEY);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'New webhook' }).first().waitFor();
  await press(page, /^New webhook$/);
  await page.getByLabel('URL').waitFor();
  await isKept(page);
  await tabTo(page, /^URL/);
  await page.keyboard.type(rig.receiver.url + path);
  await tabTo(page, /^Name/);
  await page.keyboard.type('By keys');
  await press(page, /^Create webhook$/);
  await page.getByTestId('secret').waitFor();
  await isKept(page);
  await press(page, /^I have stored it$/);
  await isKept(page);

  const [endpoint] = (await rig.call('GET', `/v1/tenants/${tenant}/endpoints`)).body.data;
  await rig.call('PATCH', `/v1/tenants/${tenant}/endpoints/${endpoint.id}`, { max_retries: 0 });
  const [id] = (await rig.publish(tenant)).delivery_ids;
  await rig.settled(tenant, id!, 'failed');
  await press(page, /^Deliveries$/, 'Shift+Tab');
  const row = page.locator(`[data-key="${id!}"]`);
  await row.waitFor();
  // Until the list is there again, nothing comes after the filters.
  const listed = page.waitForResponse(/\/deliveries\?.*status=failed/);
  await press(page, /^Failed$/);
  await listed;
  await row.waitFor();
  await press(page, /a\.b, Failed: open$/);
  const drawer = page.getByRole('complementary', { name: 'Delivery' });
  await drawer.getByRole('button', { name: 'Retry now' }).waitFor();
  await press(page, /^Retry now$/);
  await until(
    () => rig.delivery(tenant, id!),
    ({ attempt_count: count }) => count === 2,
  );
  await isKept(page);
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
  await isKept(page);

  await press(page, /^Send again…$/, 'Shift+Tab');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await tabTo(page, /^To which webhook/);
  await page.keyboard.press('B');
  await dialog.getByText('1 would be sent.').waitFor();
  await press(page, /^Send 1$/);
  await page.getByText('Show its deliveries').waitFor();
  await isKept(page);
  await page.getByText('Completed', { exact: true }).waitFor();

  await press(page, /^Webhooks$/, 'Shift+Tab');
  await page.getByRole('button', { name: 'Delete By keys' }).waitFor();
  await tabTo(page, /^Deliver to By keys/);
  const { name: switched } = await look(page);
  for (const enabled of [false, true]) {
    await page.locator(`[role=switch][aria-checked=${!enabled}]:not([aria-busy])`).waitFor();
    await page.keyboard.press('Space');
    await until(
      () => rig.call('GET', `/v1/tenants/${tenant}/endpoints/${endpoint.id}`),
      ({ body }) => body.enabled === enabled,
    );
    expect((await look(page)).name).toBe(switched);
  }
  await press(page, /^Delete By keys$/);
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect((await look(page)).name).toBe('Delete By keys');
  await page.keyboard.press('Enter');
  await press(page, /^Delete$/);
  await page.getByRole('link', { name: 'New webhook' }).first().waitFor();
  await dialog.waitFor({ state: 'detached' });
  await isKept(page);
  expect((await rig.call('GET', `/v1/tenants/${tenant}/endpoints`)).body.data).toEqual([]);
});
