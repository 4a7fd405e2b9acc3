/** What people do in the dashboard, in a real Chromium on a real Posthorn. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { verifyWebhook } from '../../src/sdk/verify/index.ts';
import type { Profile } from '../../web/api/types.ts';
import { LANGUAGES } from '../../web/pages/webhook/snippets/languages.ts';
import { useDashboard } from '../support/dashboard.ts';
import { newTenant, useRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig({ DASHBOARD_FRAME_ANCESTORS: 'http://localhost:*' });
const dashboard = useDashboard(rig);

describe('the first webhook', () => {
  it('from an empty page to a test whose signature fits the secret that was shown once', async () => {
    const tenant = newTenant();
    const page = await dashboard.open(`/?tenant=${tenant}`);
    await page.getByRole('link', { name: 'New webhook' }).click();
    await page.getByLabel('URL').fill('example');
    await page.getByText('Begin with https://').waitFor();
    await page.getByLabel('URL').fill(`${rig.receiver.url}/${tenant}`);
    await page.getByLabel('Name', { exact: true }).fill('My first');
    await page.getByRole('checkbox', { name: /All events/ }).uncheck();
    await page.getByRole('checkbox', { name: 'invoice.*' }).check();
    await page.getByText(/^1 of \d+ event types$/).waitFor();
    await page.getByRole('button', { name: 'Create webhook' }).click();

    const secret = await page.getByTestId('secret').textContent();
    expect(secret).toMatch(/^whsec_/);
    await page.getByRole('link', { name: 'Go on: send a test' }).click();
    await page.getByRole('button', { name: 'Send the test' }).click();
    const shown = () => page.getByRole('main').innerText();
    await expect.poll(shown).toContain('Answered 200 after');
    const [received] = await rig.calls(`/${tenant}`, 1);
    await verifyWebhook({
      profile: 'standard',
      secret: secret!,
      headers: received!.headers,
      body: received!.body,
    });

    // Shown once: neither its page nor the address has it after a reload.
    await page.getByRole('link', { name: 'Secret', exact: true }).click();
    await page.reload();
    await page.getByText('One secret is in use.').waitFor();
    expect(await page.content()).not.toContain(secret);
  });
});

it('a chart changes its colours with the page', async () => {
  const tenant = newTenant();
  const { id } = await rig.endpoint(tenant, '/charted', { name: 'Charted' });
  const { delivery_ids: ids } = await rig.publish(tenant);
  await rig.settled(tenant, ids[0]!, 'succeeded');
  const page = await dashboard.open(`/webhooks/${id}?tenant=${tenant}`);
  const drawn = () =>
    page
      .locator('canvas')
      .evaluateAll((all) => all.map((each) => (each as unknown as { toDataURL(): string }).toDataURL()));
  await page.locator('canvas').first().waitFor();
  const light = await until(drawn, (pictures) => pictures.length > 1);
  await page.emulateMedia({ colorScheme: 'dark' });
  await until(drawn, (pictures) => pictures.every((picture, n) => picture !== light[n]));
});

describe('a failing webhook', () => {
  it('is seen with its reason, opened, retried, and has arrived', async () => {
    const tenant = newTenant();
    const path = `/failing-${tenant}`;
    rig.receiver.answerAt(path, 503);
    await rig.endpoint(tenant, path, { name: 'Shaky', max_retries: 0 });
    const { delivery_ids: ids } = await rig.publish(tenant, { data: { n: '<img src=x onerror=alert(1)>' } });
    await rig.settled(tenant, ids[0]!, 'failed');

    const page = await dashboard.open(`/webhooks?tenant=${tenant}`);
    await page.getByText(/Answers 503 since/).waitFor();
    await page.getByRole('link', { name: 'Deliveries' }).click();
    await page.getByRole('link', { name: /a\.b, Failed: open/ }).click();
    const drawer = page.getByRole('complementary', { name: 'Delivery' });
    await drawer.getByText('webhook-signature').waitFor();
    // What is in a payload stays text.
    await drawer.getByText('<img src=x onerror=alert(1)>').waitFor();
    expect(await drawer.locator('img').count()).toBe(0);
    expect(page.url()).toContain(`open=${ids[0]}`);

    rig.receiver.answerAt(path, 200);
    await drawer.getByRole('button', { name: 'Retry now' }).click();
    await page.getByText('It arrived: 200.').waitFor();
    await drawer.getByText('Delivered').waitFor();
    // The row has changed in place; Back closes the drawer.
    await page.getByRole('link', { name: /a\.b, Delivered: open/ }).waitFor();
    await page.goBack();
    await drawer.waitFor({ state: 'detached' });
  });

  it('keys move, open, retry and close', async () => {
    const tenant = newTenant();
    await rig.endpoint(tenant, '/keys', { name: 'Keys' });
    for (let n = 0; n < 3; n += 1) await rig.publish(tenant, { data: { n } });
    const page = await dashboard.open(`/deliveries?tenant=${tenant}`);
    const rows = page.getByRole('link', { name: /: open$/ });
    await until(
      () => rows.count(),
      (count) => count === 3,
    );
    // From where a page begins: nothing has the focus.
    await page.keyboard.press('j');
    await until(
      () => rows.first().evaluate((row) => row.matches(':focus')),
      (isThere) => isThere,
    );
    await page.keyboard.press('j');
    await until(
      () => rows.nth(1).evaluate((row) => row.matches(':focus')),
      (isThere) => isThere,
    );
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Delivery' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('complementary', { name: 'Delivery' }).waitFor({ state: 'detached' });
    // Its row is where one was.
    await until(
      () => rows.nth(1).evaluate((row) => row.matches(':focus')),
      (isThere) => isThere,
    );
    await page.keyboard.press('r');
    await page.getByText('It arrived: 200.').waitFor();
  });
});

it('new deliveries come in by themselves, and wait while something is read', async () => {
  const tenant = newTenant();
  await rig.endpoint(tenant, '/live', { name: 'Live' });
  await rig.publish(tenant);
  const page = await dashboard.open(`/deliveries?tenant=${tenant}`);
  const rows = page.getByRole('link', { name: /: open$/ });
  await until(
    () => rows.count(),
    (count) => count === 1,
  );
  await rig.publish(tenant);
  await until(
    () => rows.count(),
    (count) => count === 2,
  );
  await rows.first().click();
  await rig.publish(tenant);
  await page.getByRole('button', { name: '1 new' }).waitFor();
  expect(await rows.count()).toBe(2);
  await page.getByRole('button', { name: '1 new' }).click();
  await until(
    () => rows.count(),
    (count) => count === 3,
  );
});

it('a secret is rotated: the old one counts down, and a test says whether the new one is known', async () => {
  const tenant = newTenant();
  const endpoint = await rig.endpoint(tenant, '/rotated', { name: 'Rotated' });
  const page = await dashboard.open(`/webhooks/${endpoint.id}/secret?tenant=${tenant}`);
  await page.getByRole('button', { name: 'Rotate' }).click();
  await page.getByRole('dialog').getByLabel('The old one stays valid for').selectOption('3600');
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
  await page.getByText(/The old secret is valid for another 59 min/).waitFor();
  const secret = await page.getByTestId('secret').textContent();
  await page.getByRole('button', { name: 'Send a test signed by the new secret only' }).click();
  await page.getByText(/Your server knows the new secret/).waitFor();
  const [received] = await rig.calls('/rotated', 1);
  const check = async (one: string) =>
    await verifyWebhook({
      profile: 'standard',
      secret: one,
      headers: received!.headers,
      body: received!.body,
    });
  await check(secret!);
  await expect(check(endpoint.secret as string)).rejects.toThrow('No signature matches');
  // The box says which secret what was received belongs to.
  await page.getByLabel('Headers it got').fill(
    Object.entries(received!.headers)
      .map(([name, value]) => `${name}: ${String(value)}`)
      .join('\n'),
  );
  await page.getByLabel('Body it got').fill(received!.body);
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByText(/Secret 1 matches: the request is genuine/).waitFor();
  // The code for receivers is what test/integration/snippets.test.ts runs.
  const profiles = (await rig.call('GET', '/v1/profiles')).body.data as Profile[];
  for (const { name, make } of LANGUAGES) {
    await page.getByRole('tab', { name, exact: true }).click();
    const shown = await page.getByRole('region', { name: `Code for ${name}` }).textContent();
    expect(shown).toBe(make(profiles.find((profile) => profile.name === 'standard')!));
  }
});

it('a paused webhook holds what comes, and is enabled with it', async () => {
  const tenant = newTenant();
  const endpoint = await rig.endpoint(tenant, `/held-${tenant}`, { name: 'Paused' });
  const page = await dashboard.open(`/webhooks/${endpoint.id}?tenant=${tenant}`);
  await page.getByRole('switch', { name: 'Deliver to Paused' }).click();
  await page.getByText('Disabled by hand').waitFor();
  for (let n = 0; n < 3; n += 1) await rig.publish(tenant, { data: { n } });
  await page.reload();
  await page.getByText(/3 deliveries are held for it/).waitFor();
  await page.getByRole('button', { name: 'Enable and send what is held' }).click();
  await rig.calls(`/held-${tenant}`, 3);
  await page.getByText('Enabled: what was held is on its way.').waitFor();
});

it('what customers and servers write stays text on every page that shows it', async () => {
  const tenant = newTenant();
  const path = `/markup-${tenant}`;
  const markup = (where: string) =>
    `</pre></script><img src=x onerror="window.hit='${where}'"><svg onload="window.hit='${where}'"><a href="javascript:hit()">${where}</a>`;
  rig.receiver.answerAt(path, (_request, response) => {
    response.writeHead(500, { 'content-type': 'text/html', 'x-why': markup('header') });
    response.end(`<!doctype html><script>window.hit='answer'</script>${markup('answer')}`);
  });
  const endpoint = await rig.endpoint(tenant, path, { name: markup('name'), max_retries: 0 });
  const data = {
    [markup('key')]: markup('value'),
    list: ['{{constructor}}', '<script>window.hit=1</script>'],
  };
  const { id, delivery_ids: ids } = await rig.publish(tenant, { data });
  await rig.settled(tenant, ids[0]!, 'failed');

  const page = await dashboard.open('/healthz');
  const pages: Record<string, string[]> = {
    '/webhooks': ['name'],
    [`/webhooks/${endpoint.id}`]: ['name'],
    [`/webhooks/${endpoint.id}/edit`]: [],
    [`/webhooks/${endpoint.id}/audit`]: ['name'],
    [`/deliveries?open=${ids[0]}`]: ['key', 'value', 'header', 'answer'],
    [`/events/${id}`]: ['key', 'value'],
  };
  for (const [at, marks] of Object.entries(pages)) {
    await page.goto(`${rig.url}${at}${at.includes('?') ? '&' : '?'}tenant=${tenant}`);
    await page.getByRole('main').waitFor();
    for (const mark of marks)
      await page
        .getByText(new RegExp(`href=.*>${mark}</a>`))
        .filter({ visible: true })
        .first()
        .waitFor();
    expect(
      await page.locator('main img, aside img, [onload], [onerror], a[href^="javascript"]').count(),
      at,
    ).toBe(0);
    expect(await page.evaluate('window.hit'), at).toBeUndefined();
  }
});

describe('a token', () => {
  it('in a frame of another origin sees its tenant alone, is gone from the address, and tells its height', async () => {
    const [tenant, other] = [newTenant(), newTenant()];
    await rig.endpoint(tenant, '/mine', { name: 'Mine' });
    await rig.endpoint(other, '/theirs', { name: 'Theirs' });
    const made = await rig.call('POST', `/v1/tenants/${tenant}/tokens`, { capability: 'read' });
    const host = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(`<!doctype html><title>Host</title><script>
        addEventListener('message', ({ data, origin }) => (document.title = origin + ' ' + data.type + ' ' + data.height))</script>
        <iframe src="${rig.url}/embed#token=${made.body.token}&theme=dark&accent=%230a7c5c" width="900" height="600"></iframe>`);
    });
    await new Promise<void>((resolve) => host.listen(0, 'localhost', resolve));
    try {
      const page = await dashboard.open('/healthz', { key: null });
      await page.goto(`http://localhost:${(host.address() as AddressInfo).port}/`);
      const frame = page.frames().find((one) => one !== page.mainFrame())!;
      await frame.getByRole('link', { name: 'Mine' }).waitFor();
      expect(await frame.getByText('Theirs').count()).toBe(0);
      expect(frame.url()).not.toContain('token');
      expect(
        await frame.evaluate(
          '(() => { try { return sessionStorage.length + localStorage.length; } catch { return 0; } })()',
        ),
      ).toBe(0);
      const style = await frame.evaluate(
        `getComputedStyle(document.documentElement).getPropertyValue('--ph-accent')`,
      );
      expect(style).toBe('#0a7c5c');
      await until(
        () => page.title(),
        (title) => new RegExp(`^${rig.url} posthorn:height \\d+$`).test(title),
      );
      // It may read: nothing that changes something is offered.
      expect(await frame.getByRole('link', { name: 'New webhook' }).count()).toBe(0);
      expect(await frame.getByRole('switch').first().isDisabled()).toBe(true);
    } finally {
      host.close();
      host.closeAllConnections();
    }
  });

  it('that is revoked leads back to the sign-in, in words; a page that is not named may frame nothing', async () => {
    const tenant = newTenant();
    const made = await rig.call('POST', `/v1/tenants/${tenant}/tokens`, { capability: 'read' });
    const page = await dashboard.open(`/embed#token=${made.body.token}`, { key: null });
    await page.getByText('Send your first webhook').waitFor();
    await rig.call('DELETE', `/v1/tenants/${tenant}/tokens`);
    await page.getByRole('link', { name: 'Events' }).click();
    await page.getByText(/Your session has ended/).waitFor();
    const { headers } = await page.request
      .get(`${rig.url}/webhooks`, { headers: { accept: 'text/html' } })
      .then((answer) => ({ headers: answer.headers() }));
    expect(headers['content-security-policy']).toContain(`frame-ancestors 'none'`);
    expect(headers['content-security-policy']).not.toContain('unsafe');
  });
});
