/** What admins describe in the event catalogue, and what a receiver is tested with. */
import { describe, expect, it } from 'vitest';
import { useDashboard, violationsOn } from '../support/dashboard.ts';
import { newTenant, useRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();
const dashboard = useDashboard(rig);
const typeOf = async (name: string) => (await rig.call('GET', `/v1/event-types/${name}`)).body;

describe('the event catalogue', () => {
  it('takes a new type, with a schema that is checked, and another description later', async () => {
    const page = await dashboard.open(`/event-types?tenant=${newTenant()}`);
    await page.getByRole('button', { name: 'New event type' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Shop.Paid');
    await dialog.getByLabel('Schema (JSON Schema)').fill('{"type": "obj');
    await dialog.getByText('This is no JSON object.').waitFor();
    await dialog
      .getByLabel('Schema (JSON Schema)')
      .fill('{"type": "object", "properties": {"n": {"type": "integer"}}}');
    await dialog.getByRole('checkbox', { name: /Check what is published/ }).check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    // The API's own words, beside the field.
    await until(
      () => dialog.getByLabel('Name').getAttribute('aria-invalid'),
      (invalid) => invalid === 'true',
    );
    await dialog.getByLabel('Name').fill('shop.paid');
    expect(await violationsOn(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('shop.paid is saved.').waitFor();
    expect(await typeOf('shop.paid')).toMatchObject({ validate: true, example_is_generated: true });

    await page.getByText('shop.paid', { exact: true }).click();
    await page.getByRole('button', { name: 'Edit shop.paid' }).click();
    await dialog.getByLabel('Description').fill('Somebody has paid.');
    await dialog.getByRole('checkbox', { name: /^Deprecated/ }).check();
    await dialog.getByRole('checkbox', { name: /^Archived/ }).check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await typeOf('shop.paid')).toMatchObject({
      ...{ description: 'Somebody has paid.', validate: true, deprecated: true, archived: true },
    });
    await page.getByText('shop.paid', { exact: true }).waitFor({ state: 'detached' });
    await page.getByLabel('Show').selectOption('true');
    await page.getByText('shop.paid', { exact: true }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('shop.paid is deleted.').waitFor();
  });

  it('reads an OpenAPI document, once somebody has seen what would change', async () => {
    await rig.call('PUT', '/v1/event-types/import.second', { description: 'As before.' });
    const page = await dashboard.open(`/event-types?tenant=${newTenant()}`);
    await page.getByRole('button', { name: 'Import…' }).click();
    const dialog = page.getByRole('dialog');
    const webhooks = {
      'import.first': { post: { summary: 'The first.' } },
      'import.second': { post: { summary: 'Another.' } },
    };
    const document = { openapi: '3.1.0', info: { title: 'Shop', version: '1' }, webhooks };
    await dialog.locator('input[type=file]').setInputFiles({
      ...{ name: 'openapi.json', mimeType: 'application/json' },
      buffer: Buffer.from(JSON.stringify(document)),
    });
    await dialog.getByRole('button', { name: 'See what would change' }).click();
    await dialog.getByText('1 new, 1 changed, 0 as they are.').waitFor();
    expect((await typeOf('import.second')).description).toBe('As before.');
    expect(await violationsOn(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Import 2 event types' }).click();
    await page.getByText('2 event types are imported.').waitFor();
    expect((await typeOf('import.second')).description).toBe('Another.');
    await page.getByText('import.first', { exact: true }).waitFor();
  });

  it('of many types shows some at a time, and then all of them, also after a search', async () => {
    const many = Array.from({ length: 400 }, (_, n) => [
      `many_${n % 20}.n${n}`,
      { post: { summary: `Number ${n} of many.` } },
    ]);
    const webhooks: unknown = Object.fromEntries(many);
    const document = { openapi: '3.1.0', info: { title: 'Many', version: '1' }, webhooks };
    const imported = await rig.call('POST', '/v1/event-types/import', { document });
    expect(imported.status, JSON.stringify(imported.body)).toBe(200);
    const page = await dashboard.open('/healthz');
    // How many rows there are, each time that some came or went.
    await page.addInitScript(`
      window.rows = [0];
      new MutationObserver(() => rows.push(document.querySelectorAll('main details').length))
        .observe(document, { childList: true, subtree: true });`);
    await page.goto(`${rig.url}/event-types?tenant=${newTenant()}`);
    const last = page.getByText('many_19.n399', { exact: true });
    const most = () =>
      page.evaluate<number>(`Math.max(...rows.map((count, n) => count - (rows[n - 1] ?? 0)))`);
    let all = 0;
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await rig.call(
        'GET',
        `/v1/event-types?archived=false&limit=200${cursor && `&cursor=${cursor}`}`,
      );
      all += body.data.length;
      cursor = body.next_cursor;
    }
    expect(all).toBeGreaterThan(400);
    await expect.poll(() => page.locator('main details').count()).toBe(all);
    await page.getByRole('searchbox').fill('n123');
    await expect.poll(() => page.locator('main details').count()).toBe(1);
    await page.getByRole('searchbox').fill('');
    await expect.poll(() => page.locator('main details').count()).toBe(all);
    expect(await most()).toBeLessThanOrEqual(200);
    await last.click();
    await page.getByRole('button', { name: 'Edit many_19.n399' }).waitFor();
  });

  it('offers none of it to who is no admin', async () => {
    const tenant = newTenant();
    const { body } = await rig.call('POST', '/v1/keys', { name: 'm', scopes: ['manage'], tenant_id: tenant });
    const page = await dashboard.open('/event-types', { key: body.key as string });
    await page.getByText('conversation.created', { exact: true }).first().waitFor();
    for (const name of ['New event type', 'Import…'])
      expect(await page.getByRole('button', { name }).count()).toBe(0);
  });
});

describe('a receiver', () => {
  it('is tested for whether it refuses what is not ours', async () => {
    const tenant = newTenant();
    const path = `/refuses-${tenant}`;
    const endpoint = await rig.endpoint(tenant, path, { name: 'Careless' });
    const page = await dashboard.open(`/webhooks/${endpoint.id}/test?tenant=${tenant}`);
    await page.getByRole('button', { name: 'With a wrong signature' }).click();
    await page.getByText(/your server does not check signatures/).waitFor();
    rig.receiver.answerAt(path, 401);
    await page.getByRole('button', { name: 'Signed an hour ago' }).click();
    await page.getByText('Turned away, as it should be.').waitFor();
    expect(await violationsOn(page)).toEqual([]);
  });

  it('that knows the new secret lets the old one end early', async () => {
    const tenant = newTenant();
    const endpoint = await rig.endpoint(tenant, '/early', { name: 'Early' });
    await rig.call('POST', `/v1/tenants/${tenant}/endpoints/${endpoint.id}/secret/rotate`, {});
    const page = await dashboard.open(`/webhooks/${endpoint.id}/secret?tenant=${tenant}`);
    await page.getByRole('button', { name: 'Send a test signed by the new secret only' }).click();
    await page.getByText(/Your server knows the new secret/).waitFor();
    await page.getByRole('button', { name: 'End the old secret now' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End the old secret now' }).click();
    await page.getByText('One secret is in use.').waitFor();
  });

  it('whose test is refused by us says why in words', async () => {
    const tenant = newTenant();
    const endpoint = await rig.endpoint(tenant, '/disabled', { name: 'Disabled' });
    const page = await dashboard.open(`/webhooks/${endpoint.id}/test?tenant=${tenant}`);
    await page.getByRole('button', { name: 'Send the test' }).waitFor();
    await rig.call('POST', `/v1/tenants/${tenant}/endpoints/${endpoint.id}/disable`);
    await page.getByRole('button', { name: 'Send the test' }).click();
    await page.getByText('It was not sent: the webhook is disabled. Enable it first.').waitFor();
  });
});
