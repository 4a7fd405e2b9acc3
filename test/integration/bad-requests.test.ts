import { beforeAll, describe, expect, it } from 'vitest';
import { expectNothingStored, expectProblem, newTenant, useRig } from '../support/rig.ts';

const rig = useRig();
const tenant = newTenant();
const endpoints = `/v1/tenants/${tenant}/endpoints`;
const events = `/v1/tenants/${tenant}/events`;
const deliveries = `/v1/tenants/${tenant}/deliveries`;
const url = 'http://127.0.0.1:9/';
const [type, data] = ['a.b', { n: 1 }];
let endpointId: string;

beforeAll(async () => {
  endpointId = (await rig.endpoint(tenant, '/quiet')).id;
});
expectNothingStored(rig);

describe('a request is refused when', () => {
  it('its body is not JSON, whatever its content type', async () => {
    for (const path of [endpoints, events, `${events}/batch`, `${endpoints}/${endpointId}/test`]) {
      expectProblem(await rig.call('POST', path, 'hello'), 400);
      expectProblem(await rig.call('POST', path, '{"url":', { 'content-type': 'text/plain' }), 400);
    }
  });

  it('its body is JSON but no object', async () => {
    const paths = [endpoints, events, `${events}/batch`, `${endpoints}/${endpointId}/secret/rotate`];
    for (const path of [...paths, `${endpoints}/${endpointId}/test`]) {
      for (const body of ['[]', '"a"', '1', 'null', 'true']) {
        const answer = await rig.call('POST', path, body);
        expectProblem(answer, 400);
        expect(answer.body.detail).toContain('JSON object');
      }
    }
    expectProblem(await rig.call('POST', events), 422, 'type', 'data');
  });

  it('its body has 2 MiB', async () => {
    const body = { type, data: { text: 'x'.repeat(2 << 20) } };
    expectProblem(await rig.call('POST', events, body), 413);
    expectProblem(await rig.call('POST', endpoints, { url, name: 'x'.repeat(2 << 20) }), 413);
  });

  it('its body is in an encoding nobody knows, or its path is malformed', async () => {
    const coded = await rig.call('POST', events, { type, data }, { 'content-encoding': 'rot13' });
    expectProblem(coded, 415);
    expectProblem(await rig.call('GET', '/v1/tenants/%E0%A4%A/events'), 400);
    expectProblem(await rig.call('GET', `${events}/%00`), 404);
    expectProblem(await rig.call('GET', `${deliveries}/%00`), 404);
    expectProblem(await rig.call('GET', `${endpoints}/%00`), 404);
  });

  it('its key is wrong or missing', async () => {
    for (const authorization of ['Bearer wrong', 'Basic abc', 'Bearer ', '']) {
      const answer = await rig.call('POST', events, { type, data }, { authorization });
      expectProblem(answer, 401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  it('its tenant has a name that no tenant can have', async () => {
    for (const name of ['a%20b', '.a', 'x'.repeat(129), 'a%2Fb']) {
      expectProblem(await rig.call('POST', `/v1/tenants/${name}/events`, { type, data }), 422, 'tenant');
    }
  });

  it('it goes to an address that does not exist', async () => {
    expectProblem(await rig.call('GET', '/v1/nothing'), 404);
    expectProblem(await rig.call('GET', '/nothing'), 404);
  });
});

it('an address that is there for other methods is answered 405, and says which', async () => {
  for (const [method, path, allow] of [
    ['DELETE', events, 'POST, GET'],
    ['PUT', `${events}/batch`, 'POST, GET'],
    ['GET', `${deliveries}/dlv_x/retry`, 'POST'],
    ['POST', `${deliveries}/dlv_x`, 'GET'],
  ] as const) {
    const answer = await rig.call(method, path);
    expectProblem(answer, 405);
    expect(answer.headers.get('allow')).toBe(allow);
  }
});

describe('a question is refused with', () => {
  const wrongQueries: [path: string, field: string][] = [
    [`${deliveries}?status=done`, 'status'],
    [`${deliveries}?status=failed,done`, 'status'],
    [`${deliveries}?status=failed,`, 'status'],
    [`${deliveries}?endpoint_id=ep_0`, 'endpoint_id'],
    [`${deliveries}?environment=test`, 'environment'],
    [`${deliveries}?since=2026-02-30`, 'since'],
    [`${deliveries}?since=yesterday`, 'since'],
    [`${deliveries}?until=2026-13-01T00:00:00Z`, 'until'],
    [`${deliveries}?since=0000-12-31`, 'since'],
    [`/v1/tenants/${tenant}/stats?to=0000-12-31`, 'to'],
    [`${deliveries}?limit=0`, 'limit'],
    [`${deliveries}?limit=201`, 'limit'],
    [`${deliveries}?limit=many`, 'limit'],
    [`${deliveries}?colour=red`, 'colour'],
    [`${deliveries}?status=failed&status=held`, 'status'],
    [`${deliveries}?endpoint_id=%00`, 'endpoint_id'],
    [`${deliveries}?event_id=%00`, 'event_id'],
    [`${deliveries}?event_type=%00`, 'event_type'],
    [`${events}?type=%00`, 'type'],
    [`${events}?since=1`, 'since'],
    [`${events}?cursor=${Buffer.from('["1","x"]').toString('base64url')}`, 'cursor'],
    [`/v1/event-types?profile=stripe`, 'profile'],
  ];
  it.each(wrongQueries)('%s', async (path, field) => {
    expectProblem(await rig.call('GET', path), 422, field);
  });

  it.each([deliveries, events, endpoints])('a malformed cursor: %s', async (list) => {
    const far = ['+275760-09-13T00:00:00.000Z', '0000-01-01T00:00:00.000Z', '-000001-01-01T00:00:00.000Z'];
    const positions = [
      ...[
        ['x'],
        [1],
        [1, 2, 3],
        [],
        {},
        { a: 1 },
        [null],
        [['ep_1']],
        'x',
        null,
        1,
        ['dlv_'],
        ['ep_%'],
        ['evt_A'],
      ],
      ...far.flatMap((time) => [[time], [time, 'x']]),
      ...['\u0000', 'evt_\u0000', `dlv_${'0'.repeat(65)}`].map((id) => [id]),
    ];
    const forged = positions.map((position) => Buffer.from(JSON.stringify(position)).toString('base64url'));
    for (const cursor of ['', 'nonsense', '%00', ...forged]) {
      expectProblem(await rig.call('GET', `${list}?cursor=${cursor}`), 422, 'cursor');
    }
  });

  it('an id that does not exist', async () => {
    for (const path of [
      `${deliveries}/dlv_x`,
      `${deliveries}/dlv_x/history`,
      `${events}/x`,
      `${endpoints}/x`,
    ]) {
      expectProblem(await rig.call('GET', path), 404);
    }
    for (const path of [`${deliveries}/dlv_x/retry`, `${deliveries}/dlv_x/cancel`]) {
      expectProblem(await rig.call('POST', path), 404);
    }
    for (const action of ['enable', 'disable', 'test', 'secret/rotate']) {
      expectProblem(await rig.call('POST', `${endpoints}/ep_x/${action}`), 404);
    }
    expectProblem(await rig.call('PATCH', `${endpoints}/ep_x`, { name: 'x' }), 404);
    expectProblem(await rig.call('DELETE', `${endpoints}/ep_x`), 404);
    expectProblem(await rig.call('GET', '/v1/event-types/no.such'), 404);
    expectProblem(await rig.call('GET', '/v1/tenants/nobody'), 404);
  });
});
