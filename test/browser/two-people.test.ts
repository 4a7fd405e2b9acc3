/** Two people at the same webhook, in a real Chromium on a real Posthorn: neither undoes what the other did. */
import { expect, it } from 'vitest';
import { laterShows, useDashboard } from '../support/dashboard.ts';
import { newTenant, useRig } from '../support/rig.ts';

const rig = useRig();
const dashboard = useDashboard(rig);

it('a form that is saved takes back nothing that somebody else has changed since it was opened', async () => {
  const tenant = newTenant();
  const { id } = await rig.endpoint(tenant, '/one', { name: 'One' });
  const at = `/v1/tenants/${tenant}/endpoints/${id}`;
  const page = await dashboard.open(`/webhooks/${id}/edit?tenant=${tenant}`, { withClock: true });
  await page.getByLabel('Name', { exact: true }).fill('Mine');
  const theirs = { url: `${rig.receiver.url}/theirs`, events: ['order.*'], max_retries: 3 };
  await rig.call('PATCH', at, theirs);
  // It is read again every ten seconds: then the form has what was changed, too.
  await page.clock.fastForward(10_000);
  await expect.poll(() => page.getByLabel('URL').inputValue(), { timeout: 5_000 }).toBe(theirs.url);
  // And what has been changed since then is read before anything is written.
  await rig.call('PATCH', at, { timeout_seconds: 7 });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  expect((await rig.call('GET', at)).body).toMatchObject({ ...theirs, name: 'Mine', timeout_seconds: 7 });
});

it('what both have changed is named before one of them is lost', async () => {
  const tenant = newTenant();
  const { id } = await rig.endpoint(tenant, '/one', { name: 'One' });
  const at = `/v1/tenants/${tenant}/endpoints/${id}`;
  const page = await dashboard.open(`/webhooks/${id}/edit?tenant=${tenant}`);
  await page.getByLabel('Name', { exact: true }).fill('Mine');
  await rig.call('PATCH', at, { name: 'Theirs' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Somebody else has changed this meanwhile, too: name.').waitFor();
  expect((await rig.call('GET', at)).body.name).toBe('Theirs');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  expect((await rig.call('GET', at)).body.name).toBe('Mine');
});

it('what somebody else changes between the form’s last look and its writing is not overwritten either', async () => {
  const tenant = newTenant();
  const { id } = await rig.endpoint(tenant, '/one', { name: 'One' });
  const at = `/v1/tenants/${tenant}/endpoints/${id}`;
  const page = await dashboard.open(`/webhooks/${id}/edit?tenant=${tenant}`);
  const theirs = [{ max_retries: 3 }, { name: 'Theirs' }];
  await page.route('**/endpoints/*', async (route) => {
    const change = route.request().method() === 'PATCH' && theirs.shift();
    if (change) await rig.call('PATCH', at, change);
    return route.continue();
  });
  await page.getByLabel('Name', { exact: true }).fill('Mine');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Somebody else has changed this meanwhile, too: name.').waitFor();
  expect((await rig.call('GET', at)).body).toMatchObject({ name: 'Theirs', max_retries: 3 });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  expect((await rig.call('GET', at)).body).toMatchObject({ name: 'Mine', max_retries: 3 });
});

it('a secret that is still shown is said to be replaced once somebody else has rotated it, and not for less', async () => {
  const tenant = newTenant();
  const { id } = await rig.endpoint(tenant, '/one', { name: 'One' });
  const at = `/v1/tenants/${tenant}/endpoints/${id}`;
  const page = await dashboard.open(`/webhooks/${id}/secret?tenant=${tenant}`, { withClock: true });
  await page.getByRole('button', { name: 'Rotate' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByTestId('secret').waitFor();
  // The end of the old one, and another name, leave it the one it is.
  await rig.call('POST', `${at}/secret/end-previous`);
  await rig.call('PATCH', at, { name: 'Another' });
  await laterShows(page, page.getByRole('heading', { name: 'Another' }));
  await page.waitForLoadState('networkidle');
  const replaced = page.getByText('this is not the current secret any more');
  expect(await replaced.count()).toBe(0);
  await rig.call('POST', `${at}/secret/rotate`);
  await laterShows(page, replaced);
});

it('an event type that two describe has what both have said of it', async () => {
  const name = `shared.${newTenant().replaceAll('-', '_')}`;
  await rig.call('PUT', `/v1/event-types/${name}`, { description: 'Once', group: 'old' });
  const page = await dashboard.open(`/event-types?tenant=${newTenant()}`);
  await page.getByText(name).click();
  await page.getByRole('button', { name: `Edit ${name}` }).click();
  await page.getByRole('dialog').getByLabel('Description').fill('Mine');
  await rig.call('PUT', `/v1/event-types/${name}`, { description: 'Once', group: 'theirs' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect((await rig.call('GET', `/v1/event-types/${name}`)).body).toMatchObject({
    description: 'Mine',
    group: 'theirs',
  });
});
