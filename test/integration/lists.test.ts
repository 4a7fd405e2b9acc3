import { beforeAll, describe, expect, it } from 'vitest';
import { newTenant, useRig, type Json } from '../support/rig.ts';

const rig = useRig();

async function list(tenant: string, query = ''): Promise<Json> {
  const answer = await rig.call('GET', `/v1/tenants/${tenant}/deliveries${query}`);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}
const idsOf = (body: Json): string[] => body.data.map((one: Json) => one.id);

async function walk(tenant: string, path: string, query: string): Promise<Json[]> {
  const seen: Json[] = [];
  let cursor = '';
  do {
    const { body } = await rig.call('GET', `/v1/tenants/${tenant}${path}?${query}${cursor}`);
    seen.push(...body.data);
    cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`;
  } while (cursor !== '');
  return seen;
}

describe('the list of deliveries', () => {
  const tenant = newTenant();
  const rows: Json[] = [];
  let good: Json;
  let bad: Json;

  beforeAll(async () => {
    rig.receiver.answerAt('/bad', 500);
    const environments = ['production', 'staging'];
    good = await rig.endpoint(tenant, '/good', { environments });
    bad = await rig.endpoint(tenant, '/bad', { environments, events: ['x.*'], max_retries: 0 });
    for (const [type, environment] of [
      ['x.a', 'production'],
      ['x.b', 'production'],
      ['y.a', 'production'],
      ['x.a', 'staging'],
      ['y.a', 'staging'],
    ]) {
      const { delivery_ids } = await rig.publish(tenant, { type, environment });
      for (const id of delivery_ids) {
        const to = (await rig.delivery(tenant, id)).endpoint_id;
        rows.push(await rig.settled(tenant, id, to === bad.id ? 'failed' : 'succeeded'));
      }
    }
    expect(rows).toHaveLength(8);
  });

  it('is filtered by each field and by any combination of them', async () => {
    const filters: Record<string, [value: string, fits: (row: Json) => boolean][]> = {
      status: [
        ['failed', (row) => row.status === 'failed'],
        ['succeeded', (row) => row.status === 'succeeded'],
        ['held', () => false],
      ],
      endpoint_id: [
        [good.id, (row) => row.endpoint_id === good.id],
        [bad.id, (row) => row.endpoint_id === bad.id],
      ],
      event_id: [[rows[2].event_id, (row) => row.event_id === rows[2].event_id]],
      event_type: [
        ['x.a', (row) => row.event_type === 'x.a'],
        ['y.a', (row) => row.event_type === 'y.a'],
      ],
      environment: [
        ['staging', (row) => row.environment === 'staging'],
        ['production', (row) => row.environment === 'production'],
      ],
      since: [[rows[3].created_at, (row) => row.created_at >= rows[3].created_at]],
      until: [[rows[5].created_at, (row) => row.created_at < rows[5].created_at]],
    };
    let combinations: { query: string; fits: (row: Json) => boolean }[] = [{ query: '', fits: () => true }];
    for (const [name, choices] of Object.entries(filters)) {
      combinations = combinations.flatMap((so) => [
        so,
        ...choices.map(([value, fits]) => ({
          query: `${so.query}&${name}=${encodeURIComponent(value)}`,
          fits: (row: Json) => so.fits(row) && fits(row),
        })),
      ]);
    }
    expect(combinations.length).toBe(4 * 3 * 2 * 3 * 3 * 2 * 2);
    // All of them would take long; a step that has no factor in common with their number meets every pair.
    const some = combinations.filter((_, index) => index < 60 || index % 7 === 0);
    for (const { query, fits } of some) {
      const expected = rows
        .filter(fits)
        .map((row) => row.id)
        .sort()
        .reverse();
      expect(idsOf(await list(tenant, `?limit=200${query}`)), query).toEqual(expected);
    }
  });

  it('is newest first and shows what a single delivery shows, without its attempts', async () => {
    const { data, next_cursor } = await list(tenant);
    expect(next_cursor).toBeNull();
    expect(idsOf({ data })).toEqual(
      rows
        .map((row) => row.id)
        .sort()
        .reverse(),
    );
    for (const row of data) {
      const { attempts: _, request_body: __, ...same } = await rig.delivery(tenant, row.id);
      expect(row).toEqual(same);
    }
  });

  it('takes times of any century', async () => {
    expect((await list(tenant, '?since=0001-01-01T00:00:00Z')).data).toHaveLength(8);
    expect((await list(tenant, '?until=0001-01-01T00:00:00Z')).data).toHaveLength(0);
    expect((await list(tenant, '?until=9999-12-31T23:59:59Z')).data).toHaveLength(8);
    expect(
      (await list(tenant, `?since=${encodeURIComponent('2026-01-01T00:00:00+05:30')}`)).data,
    ).toHaveLength(8);
  });
});

describe('paging', () => {
  it('over 25 deliveries and events is complete and without repeats, also while more come', async () => {
    const tenant = newTenant();
    await rig.endpoint(tenant, '/paged');
    const events = Array.from({ length: 25 }, (_, n) => ({ id: `e${n}`, type: 'a.b', data: { n } }));
    const { body } = await rig.call('POST', `/v1/tenants/${tenant}/events/batch`, { events });
    const made: string[] = body.results.map((result: Json) => result.delivery_ids[0]);
    for (const [path, expected] of [
      ['/deliveries', made],
      ['/events', events.map((event) => event.id)],
    ] as const) {
      for (const limit of [1, 7, 25, 24]) {
        const seen = (await walk(tenant, path, `limit=${limit}`)).map((one) => one.id as string);
        expect(seen, `${path} by ${limit}`).toHaveLength(25);
        expect([...seen].sort()).toEqual([...expected].sort());
      }
    }
    const first = await list(tenant, '?limit=10');
    await rig.publish(tenant);
    const second = await list(tenant, `?limit=200&cursor=${first.next_cursor}`);
    expect([...idsOf(first), ...idsOf(second)].sort()).toEqual([...made].sort());
    const filtered = await walk(tenant, '/deliveries', 'limit=4&event_id=e7');
    expect(filtered.map((one) => one.event_id)).toEqual(['e7']);
  });

  it('of events can be filtered', async () => {
    const tenant = newTenant();
    const [a] = [await rig.publish(tenant, { type: 'a.a' }), await rig.publish(tenant, { type: 'a.b' })];
    const staged = await rig.publish(tenant, { type: 'a.a', environment: 'staging' });
    const ids = async (query: string) =>
      ((await rig.call('GET', `/v1/tenants/${tenant}/events?${query}`)).body.data as Json[]).map(
        (one) => one.id,
      );
    expect(await ids('type=a.a')).toEqual([staged.id, a.id]);
    expect(await ids('environment=staging')).toEqual([staged.id]);
    expect(await ids('type=a.b&environment=staging')).toEqual([]);
    expect(await ids('until=2020-01-01T00:00:00Z')).toEqual([]);
    expect(await ids('since=2020-01-01T00:00:00Z')).toHaveLength(3);
  });
});
