/** Leaving what was typed and not saved, in a real Chromium on a real Posthorn: one is asked first, and only then. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { useDashboard } from '../support/dashboard.ts';
import { newTenant, useRig } from '../support/rig.ts';

const rig = useRig();
const dashboard = useDashboard(rig);

const question = (page: Page) => page.getByRole('dialog', { name: 'Leave without saving?' });
const stay = (page: Page) => question(page).getByRole('button', { name: 'Stay here' }).click();
const leave = (page: Page) => question(page).getByRole('button', { name: 'Leave', exact: true }).click();
const follow = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).first().click();

/** Whether the browser asks before it loads the page again; the answer is no. */
async function isAskedByReload(page: Page): Promise<boolean> {
  let asked = false;
  page.once('dialog', (dialog) => {
    asked = dialog.type() === 'beforeunload';
    void dialog.dismiss();
  });
  // A reload that was refused is waited for in vain: whether it was, the page itself says.
  await page.evaluate('globalThis.isOld = true; location.reload()');
  await expect.poll(async () => asked || (await isNew(page))).toBe(true);
  page.removeAllListeners('dialog');
  return asked;
}
/** While it is loaded there is nothing to ask. */
const isNew = (page: Page) => page.evaluate<boolean>('!globalThis.isOld').catch(() => false);

it('a link, Back, signing out and a reload ask first where something was typed, and nowhere else', async () => {
  const tenant = newTenant();
  const page = await dashboard.open(`/deliveries?tenant=${tenant}`);
  await follow(page, 'Webhooks');
  await page.getByRole('link', { name: 'New webhook' }).first().click();
  const url = page.getByLabel('URL');
  await url.fill(`${rig.receiver.url}/typed`);
  await url.fill('');
  // What was typed and taken back is no change.
  await follow(page, 'Webhooks');
  await page.waitForURL('**/webhooks?*');
  await page.goBack();

  await url.fill(`${rig.receiver.url}/typed`);
  await follow(page, 'Deliveries');
  await stay(page);
  await page.goBack();
  await stay(page);
  await page.waitForURL('**/webhooks/new?*');
  await page.getByRole('link', { name: 'Cancel' }).click();
  await stay(page);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await stay(page);
  await page.locator('main').press('g');
  await page.locator('main').press('d');
  await stay(page);
  expect(await isAskedByReload(page)).toBe(true);
  expect(await url.inputValue()).toBe(`${rig.receiver.url}/typed`);

  await follow(page, 'Deliveries');
  await leave(page);
  await page.waitForURL('**/deliveries?*');
  expect(await isAskedByReload(page)).toBe(false);
});

it('nothing is asked after saving', async () => {
  const tenant = newTenant();
  const page = await dashboard.open(`/webhooks/new?tenant=${tenant}`);
  await page.getByLabel('URL').fill(`${rig.receiver.url}/saved`);
  await page.getByRole('button', { name: 'Create webhook' }).click();
  await page.getByTestId('secret').waitFor();
  // The secret is there again for who comes back by a link, and gone when the page is loaded again.
  expect(await isAskedByReload(page)).toBe(true);
  await page.locator('main').getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByLabel('Name', { exact: true }).fill('Another');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  await follow(page, 'Deliveries');
  await page.waitForURL('**/deliveries?*');
});

it('what was typed into a dialog is not lost to Escape, to a click beside it, or to Back', async () => {
  const page = await dashboard.open(`/webhooks?tenant=${newTenant()}`);
  await follow(page, 'Event catalogue');
  await page.getByRole('button', { name: 'New event type' }).click();
  const dialog = page.getByRole('dialog').first();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'New event type' }).click();
  const description = page.getByLabel('Description');
  await description.fill('Typed');
  await page.keyboard.press('Escape');
  await stay(page);
  await page.mouse.click(5, 5);
  await stay(page);
  await page.goBack();
  await stay(page);
  await page.waitForURL('**/event-types?*');
  expect(await description.inputValue()).toBe('Typed');
  expect(await isAskedByReload(page)).toBe(true);
  await dialog.getByRole('button', { name: 'Go back' }).click();
  await leave(page);
  await dialog.waitFor({ state: 'detached' });
  expect(await isAskedByReload(page)).toBe(false);
});
