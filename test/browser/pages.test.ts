/** Every page of the dashboard: nothing that axe finds, nothing wider than the window, in both widths and themes. */
import { beforeAll, expect, it } from 'vitest';
import { useDashboard, violationsOn } from '../support/dashboard.ts';
import { newTenant, useRig, type Json } from '../support/rig.ts';

const rig = useRig();
const dashboard = useDashboard(rig);
const tenant = newTenant();
let endpoint: Json;
let event: Json;
let replay: Json;

beforeAll(async () => {
  rig.receiver.answerAt('/bad', 401);
  endpoint = await rig.endpoint(tenant, '/bad', { name: 'CRM' });
  await rig.endpoint(tenant, '/good', { name: 'Analytics', profile: '8bit', enabled: false });
  for (let n = 0; n < 3; n += 1)
    event = await rig.publish(tenant, { type: 'conversation.created', data: { n } });
  await rig.settled(tenant, event.delivery_ids[0] as string, 'retrying');
  const since = new Date(Date.now() - 60_000);
  replay = (await rig.call('POST', `/v1/tenants/${tenant}/replays`, { endpoint_id: endpoint.id, since }))
    .body;
});

/** Path → what is there once the page is. */
const PAGES: Record<string, () => [path: string, text: RegExp]> = {
  'the list of webhooks': () => ['/webhooks', /Answers 401/],
  'a new webhook': () => ['/webhooks/new', /More settings/],
  'a webhook': () => [`/webhooks/${endpoint.id}`, /Failures by cause/],
  'its settings': () => [`/webhooks/${endpoint.id}/edit`, /What would be sent/],
  'its secret': () => [`/webhooks/${endpoint.id}/secret`, /Find out why/],
  'its test': () => [`/webhooks/${endpoint.id}/test`, /Send the test/],
  'its changes': () => [`/webhooks/${endpoint.id}/audit`, /Webhook created/],
  deliveries: () => ['/deliveries', /Retrying/],
  'a delivery': () => [`/deliveries?open=${event.delivery_ids[0]}`, /What was sent with it/],
  'no delivery': () => ['/deliveries?status=cancelled&last=1h', /No delivery fits/],
  events: () => ['/events', /conversation\.created/],
  'an event': () => [`/events/${event.id}`, /Happened/],
  'the catalogue': () => ['/event-types', /conversation\.created/],
  replays: () => ['/replays', /Choose what to send again/],
  'a replay': () => [`/replays/${replay.id}`, /Show its deliveries/],
  'the audit log': () => ['/audit', /Webhook created/],
  operations: () => ['/ops', /Tenants by volume/],
  'API keys': () => ['/keys', /New API key/],
  'the settings': () => ['/settings', /As they come/],
  'what is not there': () => ['/nothing', /no such page/],
};

const LOOKS = [
  { width: 375, colorScheme: 'dark' },
  { width: 1440, colorScheme: 'light' },
] as const;

it('all pages, on a dark phone and on a wide light screen', async () => {
  const page = await dashboard.open('/healthz');
  const take = async ({ width, colorScheme }: (typeof LOOKS)[number]) => {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
  };
  for (const [name, of] of Object.entries(PAGES)) {
    const [path, text] = of();
    await take(LOOKS[0]);
    await page.goto(`${rig.url}${path}${path.includes('?') ? '&' : '?'}tenant=${tenant}`);
    for (const look of LOOKS) {
      await take(look);
      await page.getByText(text).first().waitFor();
      await page.locator(`html[data-theme=${look.colorScheme}]`).waitFor({ state: 'attached' });
      const where = `${name}, ${look.width} px, ${look.colorScheme}`;
      expect(await violationsOn(page), where).toEqual([]);
      const tooWide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(tooWide, where).toBeLessThanOrEqual(0);
    }
  }
});

it('the sign-in and the choice of a tenant', async () => {
  const page = await dashboard.open('/', { key: null });
  await page.getByLabel('API key').fill('wrong-key-0123456789');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('This key is not known here.').waitFor();
  expect(await violationsOn(page)).toEqual([]);
  const chooser = await dashboard.open('/');
  await chooser.getByLabel('Search by id or name').fill(tenant);
  await chooser.getByRole('button', { name: tenant, exact: true }).click();
  await chooser.getByText(/Answers 401/).waitFor();
  expect(chooser.url()).toContain(`tenant=${tenant}`);
});
