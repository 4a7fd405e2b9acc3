/** Pages that stay open while the server is away, in a real Chromium on a real Posthorn: what they show is said to be old. */
import { expect, it } from 'vitest';
import { laterShows, useDashboard, violationsOn } from '../support/dashboard.ts';
import { newTenant, useRig } from '../support/rig.ts';

const rig = useRig();
const dashboard = useDashboard(rig);

it('a replay, the list of them, and a delivery on its way are not taken for what is now', async () => {
  const tenant = newTenant();
  const path = `/away-${tenant}`;
  rig.receiver.answerAt(path, 500);
  const { id } = await rig.endpoint(tenant, path, { max_retries: 0 });
  const first = (await rig.publish(tenant)).delivery_ids[0]!;
  await rig.settled(tenant, first, 'failed');
  const body = { endpoint_id: id, since: new Date(Date.now() - 60_000), per_second: 0.01 };
  const replay = await rig.call('POST', `/v1/tenants/${tenant}/replays`, body);
  expect(replay.status, JSON.stringify(replay.body)).toBe(202);
  await rig.endpoint(tenant, path, { retry_interval: 'fixed', retry_delay_seconds: 600 });
  const ids = (await rig.publish(tenant)).delivery_ids;
  const waits = await Promise.any(ids.map((one) => rig.settled(tenant, one, 'retrying')));
  for (const [at, shown] of [
    [`/replays/${replay.body.id}?`, 'Show its deliveries'],
    ['/replays?', 'Choose what to send again'],
    [`/deliveries?open=${waits.id}&`, 'What was sent with it'],
  ] as const) {
    const page = await dashboard.open(`${at}tenant=${tenant}`, { withClock: true });
    await page.getByText(shown).first().waitFor();
    await page.context().setOffline(true);
    await laterShows(page, page.getByText(/What you see may be old/));
    expect(await violationsOn(page), at).toEqual([]);
  }
});
