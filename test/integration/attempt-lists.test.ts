/** Attempts in lists: of an endpoint over all its deliveries, and the last one of each delivery. */
import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();
const tenant = newTenant();
const base = `/v1/tenants/${tenant}`;
let endpoint: Json;
let other: Json;
const ids: string[] = [];

beforeAll(async () => {
  const answers = [200, 500, 503, 200, 404];
  const body = 'é'.repeat(300);
  rig.receiver.answerAt('/of', (_request, response) => response.writeHead(answers.shift() ?? 200).end(body));
  endpoint = await rig.endpoint(tenant, '/of', { retry_schedule_seconds: [1], max_retries: 1 });
  ids.push((await rig.publish(tenant)).delivery_ids[0]!);
  await rig.settled(tenant, ids[0]!, 'succeeded');
  ids.push((await rig.publish(tenant, { id: 'twice' })).delivery_ids[0]!);
  await rig.settled(tenant, ids[1]!, 'failed');
  ids.push((await rig.publish(tenant)).delivery_ids[0]!);
  await rig.settled(tenant, ids[2]!, 'succeeded');
  await rig.call('POST', `${base}/deliveries/${ids[0]}/retry`);
  await until(
    () => rig.delivery(tenant, ids[0]!),
    (found) => found.attempts.length === 2,
  );
  other = await rig.endpoint(tenant, '/other', { enabled: false });
  const { delivery_ids } = await rig.publish(tenant, { id: 'unattempted' });
  ids.push(...delivery_ids.toSorted());
  await rig.settled(tenant, ids[3]!, 'succeeded');
});

async function attempts(query = ''): Promise<Json> {
  const answer = await rig.call('GET', `${base}/attempts?endpoint_id=${endpoint.id}${query}`);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}
const codesOf = ({ data }: Json): number[] => data.map((one: Json) => one.status_code);

describe('the attempts of an endpoint', () => {
  it('are those of all its deliveries, latest first, with what each came to', async () => {
    const { data, next_cursor: cursor } = await attempts();
    expect(codesOf({ data })).toEqual([200, 404, 200, 503, 500, 200]);
    expect(cursor).toBeNull();
    expect(data[3]).toEqual({
      delivery_id: ids[1],
      endpoint_id: endpoint.id,
      event_id: 'twice',
      event_type: 'a.b',
      number: 2,
      trigger: 'schedule',
      started_at: expect.any(String),
      duration_ms: expect.any(Number),
      timing: {
        dns_ms: null,
        connect_ms: null,
        tls_ms: null,
        first_byte_ms: expect.any(Number),
        total_ms: data[3].duration_ms,
      },
      status_code: 503,
      error: { class: 'http', message: 'HTTP 503' },
      remark: null,
      retry_after_seconds: null,
      excerpt: 'é'.repeat(200),
    });
    expect(data[1]).toMatchObject({ delivery_id: ids[0], trigger: 'manual', number: 2 });
    // The log of the delivery has the same.
    const { attempts: logged } = await rig.delivery(tenant, ids[1]!);
    expect(logged[1].timing).toEqual(data[3].timing);
    expect(data.at(-1).timing.connect_ms).toEqual(expect.any(Number));
  });

  it('are filtered by status code, kind of status code, error class and time', async () => {
    expect(codesOf(await attempts('&status_code=503'))).toEqual([503]);
    expect(codesOf(await attempts('&status_code=5xx'))).toEqual([503, 500]);
    expect(codesOf(await attempts('&status_code=2xx,404'))).toEqual([200, 404, 200, 200]);
    expect(codesOf(await attempts('&error_class=http'))).toEqual([404, 503, 500]);
    expect(codesOf(await attempts('&error_class=timeout,dns'))).toEqual([]);
    expect(codesOf(await attempts('&error_class=http&status_code=404'))).toEqual([404]);
    const { data } = await attempts();
    const at = encodeURIComponent(data[3].started_at as string);
    expect(codesOf(await attempts(`&since=${at}`))).toEqual([200, 404, 200, 503]);
    expect(codesOf(await attempts(`&until=${at}`))).toEqual([500, 200]);
  });

  it('come page by page, none twice and none left out, also where they began in the same millisecond', async () => {
    await rig.sql(
      'UPDATE attempts SET started_at = $2 WHERE delivery_id = $1',
      ids[1],
      new Date(Date.now() - 5e4),
    );
    const all = (await attempts()).data;
    for (const filter of ['', '&status_code=2xx,4xx,5xx']) {
      const seen: Json[] = [];
      for (let cursor = ''; ;) {
        const found = await attempts(`&limit=1${filter}${cursor}`);
        seen.push(...found.data);
        if (found.next_cursor === null) break;
        cursor = `&cursor=${found.next_cursor}`;
      }
      expect(seen).toEqual(all);
    }
  });

  it('stay when the endpoint is deleted; those of another tenant are nowhere', async () => {
    const gone = await rig.endpoint(tenant, '/gone', { environments: ['staging'] });
    const [id] = (await rig.publish(tenant, { environment: 'staging' })).delivery_ids;
    await rig.settled(tenant, id!, 'succeeded');
    await rig.call('DELETE', `${base}/endpoints/${gone.id}`);
    const { body } = await rig.call('GET', `${base}/attempts?endpoint_id=${gone.id}`);
    expect(body.data).toMatchObject([{ delivery_id: id, status_code: 200 }]);
    const stranger = newTenant();
    await rig.publish(stranger);
    const path = `/v1/tenants/${stranger}/attempts?endpoint_id=${gone.id}`;
    expectProblem(await rig.call('GET', path), 422, 'endpoint_id');
  });

  it('bad requests are refused by field', async () => {
    const path = `${base}/attempts`;
    expectProblem(await rig.call('GET', path), 422, 'endpoint_id');
    const wrong: [query: string, field: string][] = [
      ['status_code=50', 'status_code'],
      ['status_code=0xx', 'status_code'],
      ['status_code=500,', 'status_code'],
      ['status_code=500;drop', 'status_code'],
      ['error_class=http,odd', 'error_class'],
      ['since=yesterday', 'since'],
      ['limit=201', 'limit'],
      ['cursor=WyJkbHZfMSJd', 'cursor'],
      ['cursor=x', 'cursor'],
      ['status=500', 'status'],
    ];
    for (const [query, field] of wrong)
      expectProblem(await rig.call('GET', `${path}?endpoint_id=${endpoint.id}&${query}`), 422, field);
  });
});

describe('deliveries with include=last_attempt', () => {
  it('have the attempt with the highest number, or none', async () => {
    const { body } = await rig.call('GET', `${base}/deliveries?include=last_attempt&environment=production`);
    const lastOf = new Map<string, Json>(body.data.map((row: Json) => [row.id, row.last_attempt]));
    expect(lastOf.get(ids[0]!)).toMatchObject({ number: 2, trigger: 'manual', status_code: 404 });
    expect(lastOf.get(ids[1]!)).toMatchObject({
      ...{ number: 2, status_code: 503, error: { class: 'http' }, excerpt: 'é'.repeat(200) },
      timing: { first_byte_ms: expect.any(Number) },
    });
    expect(lastOf.get(ids[2]!)).toMatchObject({ number: 1, error: null });
    const held = body.data.find((row: Json) => row.endpoint_id === other.id);
    expect(held).toMatchObject({ status: 'held', last_attempt: null });
    const { body: plain } = await rig.call('GET', `${base}/deliveries`);
    expect(plain.data[0]).not.toHaveProperty('last_attempt');
  });

  it('nothing else can be included', async () => {
    expectProblem(await rig.call('GET', `${base}/deliveries?include=attempts`), 422, 'include');
  });
});
