/** What operators do in the dashboard: over all tenants, with or without one chosen. */
import { describe, expect, it } from 'vitest';
import { laterShows, useDashboard, violationsOn } from '../support/dashboard.ts';
import { newTenant, useRig, type Json } from '../support/rig.ts';

const SECRET = 'Planted-Secret-0123456789';
const rig = useRig({ SMTP_URL: `smtp://mail:${SECRET}@127.0.0.1:1`, SMTP_FROM: 'posthorn@example.com' });
const dashboard = useDashboard(rig);

it('operations show failing webhooks of all tenants, and lead to them', async () => {
  const [tenant, other] = [newTenant(), newTenant()];
  for (const [of, code] of [
    [tenant, 500],
    [other, 502],
  ] as const) {
    rig.receiver.answerAt(`/broken-${of}`, code);
    await rig.endpoint(of, `/broken-${of}`, { name: `Broken ${of}`, max_retries: 0 });
    const { delivery_ids: ids } = await rig.publish(of);
    await rig.settled(of, ids[0]!, 'failed');
  }
  const page = await dashboard.open('/');
  // No tenant is chosen, and none is needed.
  await page.getByRole('link', { name: 'How the deployment does' }).click();
  const failing = page.getByRole('region', { name: 'Failing webhooks' });
  await failing.getByText('502').waitFor();
  await failing.getByText('500').waitFor();
  await page.getByText('At work').waitFor();
  await page.getByText('Nothing waits.').waitFor();
  await page.getByRole('region', { name: 'Notifications' }).getByText(tenant).waitFor();
  await failing.getByRole('link', { name: `Broken ${other}` }).click();
  await page.getByText(/Every attempt has failed since/).waitFor();
  expect(page.url()).toContain(`tenant=${other}`);
  await page.getByRole('link', { name: 'Operations' }).click();
  await page.getByText('At work').waitFor();
});

it('operations say what needs somebody, and nothing of it while nothing does', async () => {
  const page = await dashboard.open('/healthz', { withClock: true });
  let change: (now: Json) => Json = (now) => now;
  await page.route('**/v1/operations', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: change(await response.json()) });
  });
  await page.goto(`${rig.url}/ops`);
  await page.getByText('At work').waitFor();
  for (const alarm of ['No worker is running', 'Temporal cannot be reached'])
    expect(await page.getByText(alarm).count()).toBe(0);

  let waiting = 9_000;
  // The page asks every five seconds; what it is told is as of twenty seconds later each time.
  let atMs = Date.now();
  change = (now) => ({
    ...now,
    at: new Date((atMs += 20_000)).toISOString(),
    temporal: { connected: false },
    workers: [],
    backlog: { deliveries: (waiting -= 1_000), oldest_seconds: 840, overdue_retries: 12 },
  });
  await laterShows(page, page.getByText('No worker is running'));
  await page.getByText('Temporal cannot be reached').waitFor();
  await page.getByText('oldest 14 min').waitFor();
  await laterShows(page, page.getByText(/^Drained about .+, at .+ a second\.$/));
  expect(await violationsOn(page)).toEqual([]);
  // One that is dead for all we know, and nobody else there to say so; then beside one that works.
  const silent = (one: Json, id: number) => ({ ...one, id, silent_seconds: 75 });
  change = (now) => ({ ...now, workers: now.workers.map(silent) });
  await page.reload();
  await page.getByText('Silent for 1 min 15 s').waitFor();
  await page.getByText('No worker is running').waitFor();
  change = (now) => ({ ...now, workers: [...now.workers, silent(now.workers[0], 9)] });
  await page.reload();
  await page.getByText('Workers without a sign of life: 1').waitFor();
  expect(await page.getByText('No worker is running').count()).toBe(0);
});

it('a key is made, shown once, used, let end and revoked', async () => {
  const page = await dashboard.open('/keys');
  await page.getByRole('button', { name: 'New API key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Billing backend');
  await dialog.getByRole('checkbox', { name: /^Read/ }).check();
  await dialog.getByLabel('For').selectOption('one');
  await dialog.getByLabel('Id of the tenant').fill('not a tenant');
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  // What is wrong is said beside its field, and nothing that was written is lost.
  await expect.poll(() => dialog.getByLabel('Id of the tenant').getAttribute('aria-invalid')).toBe('true');
  await dialog.getByLabel('Id of the tenant').fill(newTenant());
  await dialog.getByLabel('It ends').selectOption('quarter');
  expect(await violationsOn(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  const key = (await page.getByTestId('secret').textContent())!;
  const authorization = `Bearer ${key}`;
  expect((await rig.call('GET', '/v1/me', undefined, { authorization })).body).toMatchObject({
    ...{ name: 'Billing backend', scopes: ['publish', 'read'] },
  });
  await page.getByRole('button', { name: 'I have stored it' }).click();
  const row = page.getByRole('row', { name: /Billing backend/ });
  await row.getByText('Valid').waitFor();
  await page.reload();
  await row.getByText('Valid').waitFor();
  expect(await page.content()).not.toContain(key);

  await row.getByRole('button', { name: 'Let Billing backend end' }).click();
  await dialog.getByLabel('It ends').selectOption('hour');
  await dialog.getByRole('button', { name: 'Set the end' }).click();
  await page.getByText('The end of Billing backend is set.').waitFor();
  await row.getByRole('button', { name: 'Revoke Billing backend' }).click();
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await row.getByText('Revoked').waitFor();
  expect((await rig.call('GET', '/v1/me', undefined, { authorization })).status).toBe(401);
});

it('settings are shown as they are, without secrets', async () => {
  const page = await dashboard.open('/settings');
  await page
    .getByRole('row', { name: /SMTP_URL/ })
    .getByText('Credentials not shown')
    .waitFor();
  expect(await page.content()).not.toContain(SECRET);
  await page.getByLabel('Search by name or value').fill('retention');
  await page
    .getByRole('row', { name: /PAYLOAD_RETENTION_DAYS/ })
    .getByText('not set')
    .waitFor();
  expect(await page.getByRole('row', { name: /MAX_IN_FLIGHT/ }).count()).toBe(0);
});

describe('who is no admin', () => {
  it('is offered none of it, and refused in words', async () => {
    const { body } = await rig.call('POST', '/v1/keys', { name: 'Reader', scopes: ['read'] });
    const page = await dashboard.open(`/webhooks?tenant=${newTenant()}`, { key: body.key as string });
    await page.getByRole('link', { name: 'Deliveries' }).waitFor();
    expect(await page.getByRole('link', { name: 'Operations' }).count()).toBe(0);
    for (const path of ['/ops', '/keys', '/settings']) {
      await page.goto(`${rig.url}${path}?tenant=${newTenant()}`);
      await page.getByText('You may not see this').first().waitFor();
    }
  });
});
