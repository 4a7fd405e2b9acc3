/** The client against a server that misbehaves, over real sockets. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { afterAll, expect } from 'vitest';
import {
  createClient,
  PosthornApiError,
  PosthornConnectionError,
  PosthornTimeoutError,
  type ClientOptions,
} from '../../src/sdk/client/index.ts';
import { describe, it } from '../support/concurrent.ts';

const KEY = 'ph_planted-secret-0123456789';
const event = { type: 'order.paid', data: { order: 1 } };

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;
interface Seen {
  method: string;
  url: string;
  key: string | undefined;
  body: string;
  atMs: number;
}

const closing: (() => void)[] = [];
afterAll(() => closing.forEach((close) => close()));

/** Answers one request after the other as it is told, the last way for all that follow. */
async function server(...answers: Answer[]) {
  const seen: Seen[] = [];
  const http = createServer(async (request, response) => {
    const body = await text(request);
    const key = request.headers['idempotency-key'] as string | undefined;
    seen.push({ method: request.method!, url: request.url!, key, body, atMs: performance.now() });
    answers[Math.min(seen.length, answers.length) - 1]!(request, response, body);
  });
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  closing.push(() => {
    http.closeAllConnections();
    http.close();
  });
  const baseUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const client = (options: Partial<ClientOptions> = {}) =>
    createClient({ baseUrl, apiKey: KEY, tenant: 'acme', ...options });
  return { seen, baseUrl, client };
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const problem = (status: number, code: string, headers?: Record<string, string>): Answer =>
  json(status, { type: 'about:blank', title: 'T', status, code, detail: `it is ${code}` }, headers);
const reset: Answer = (request) => request.socket.resetAndDestroy();
const hang: Answer = () => undefined;
const breakOff: Answer = (request, response) => {
  response
    .writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
    .write('{"id": "evt');
  setTimeout(() => request.socket.destroy(), 20);
};
const accepted = json(202, { id: 'evt_1', delivery_ids: [] });

describe('tries again', () => {
  it.each([
    ['a reset connection', reset],
    ['an answer that breaks off', breakOff],
    ['503', problem(503, 'unavailable')],
    ['500', problem(500, 'internal_error')],
    ['502 of a proxy', ((_request, response) => response.writeHead(502).end('<html>')) as Answer],
    ['429', problem(429, 'too_many_requests')],
  ])('after %s, with the same key and body', async (_what, first) => {
    const { seen, client } = await server(first, first, accepted);
    expect(await client().publish(event)).toEqual({ id: 'evt_1', delivery_ids: [] });
    expect(seen.length).toBe(3);
    expect(seen[0]!.key).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(seen.map(({ key, body }) => `${key} ${body}`)).size).toBe(1);
  });

  it('with the key that was given; another call has another of its own', async () => {
    const { seen, client } = await server(accepted);
    await client().publish(event, { idempotencyKey: 'order-7' });
    await client().publish(event);
    await client().publish(event);
    const [given, ...made] = seen.map(({ key }) => key);
    expect(given).toBe('order-7');
    expect(new Set(made).size).toBe(2);
  });

  it('as long after as Retry-After says, and not sooner', async () => {
    const { seen, client } = await server(problem(503, 'unavailable', { 'retry-after': '1' }), accepted);
    await client().publish(event);
    expect(seen[1]!.atMs - seen[0]!.atMs).toBeGreaterThanOrEqual(990);
  });

  it('not where Retry-After is later than there is time', async () => {
    const { seen, client } = await server(problem(429, 'too_many_requests', { 'retry-after': '3600' }));
    const error = await failure(client().publish(event));
    expect(error).toBeInstanceOf(PosthornApiError);
    expect(error).toMatchObject({ status: 429, code: 'too_many_requests', retryAfterSeconds: 3600 });
    expect(seen.length).toBe(1);
  });

  it('a GET, a PUT and a DELETE', async () => {
    const { seen, client } = await server(reset, json(200, {}), reset, json(200, {}), reset, json(204, ''));
    const { endpoints, tenants } = client();
    await endpoints.get('ep_1');
    await tenants.put('acme', {});
    await endpoints.delete('ep_1');
    expect(seen.map(({ method }) => method)).toEqual(['GET', 'GET', 'PUT', 'PUT', 'DELETE', 'DELETE']);
  });

  it('a DELETE whose answer got lost, and takes 404 for what it is', async () => {
    const { client } = await server(reset, problem(404, 'not_found'));
    expect(await client().endpoints.delete('ep_1')).toBeUndefined();
    const { client: other } = await server(problem(404, 'not_found'));
    expect(await failure(other().endpoints.delete('ep_1'))).toMatchObject({ code: 'not_found' });
  });

  it.each([
    ['reset', reset, PosthornConnectionError],
    ['answered 503', problem(503, 'unavailable'), PosthornApiError],
  ])('nothing that could be done twice: a retry by hand that is %s', async (_what, answer, kind) => {
    const { seen, client } = await server(answer);
    expect(await failure(client().deliveries.retry('dlv_1'))).toBeInstanceOf(kind);
    expect(await failure(client().endpoints.update('ep_1', {}))).toBeInstanceOf(kind);
    expect(seen.length).toBe(2);
  });

  it('but what was answered 429 has not been done', async () => {
    const { seen, client } = await server(problem(429, 'too_many_requests'), json(202, { id: 'dlv_1' }));
    await client().deliveries.retry('dlv_1');
    expect(seen.length).toBe(2);
  });

  it.each([400, 401, 403, 404, 409, 422])('not after %i', async (status) => {
    const { seen, client } = await server(problem(status, 'x'));
    expect(await failure(client().publish(event))).toMatchObject({ status });
    expect(seen.length).toBe(1);
  });

  it('as often as it may', async () => {
    const { seen, client } = await server(reset);
    await failure(client({ maxRetries: 1 }).publish(event));
    await failure(client({ maxRetries: 1 }).publish(event, { maxRetries: 0 }));
    expect(seen.length).toBe(3);
  });

  it('for as long as it may, whatever the count', async () => {
    const { client } = await server(reset);
    const beganMs = performance.now();
    const error = await failure(client({ maxRetries: 1000, totalTimeoutSeconds: 1 }).publish(event));
    expect(error).toBeInstanceOf(PosthornConnectionError);
    expect(performance.now() - beganMs).toBeLessThan(1500);
  });
});

describe('ends', () => {
  it('what hangs, and says after how long', async () => {
    const { seen, client } = await server(hang);
    const error = await failure(client({ timeoutSeconds: 0.2, maxRetries: 1 }).publish(event));
    expect(error).toBeInstanceOf(PosthornTimeoutError);
    expect(error.message).toMatch(/\/v1\/tenants\/acme\/events: there was no answer within 0\.2 s$/);
    expect(seen.length).toBe(2);
  });

  it('what hangs half-way through its answer', async () => {
    const half: Answer = (_request, response) => void response.writeHead(200).write('{');
    const { client } = await server(half);
    const error = await failure(client({ timeoutSeconds: 0.2, maxRetries: 0 }).endpoints.get('x'));
    expect(error).toBeInstanceOf(PosthornTimeoutError);
  });

  it.each([
    ['before it begins', () => AbortSignal.abort(new Error('mine'))],
    ['while it waits for the answer', () => later(100)],
  ])('when it is told to, %s', async (_when, signal) => {
    const { client } = await server(hang);
    expect(await failure(client().publish(event, { signal: signal() }))).toEqual(new Error('mine'));
  });

  it('when it is told to, between two tries', async () => {
    const { seen, client } = await server(problem(503, 'unavailable', { 'retry-after': '30' }));
    expect(await failure(client().publish(event, { signal: later(100) }))).toEqual(new Error('mine'));
    expect(seen.length).toBe(1);
  });

  function later(ms: number): AbortSignal {
    const ending = new AbortController();
    setTimeout(() => ending.abort(new Error('mine')), ms);
    return ending.signal;
  }
});

describe('says', () => {
  it('what is wrong with which field', async () => {
    const errors = [{ path: 'timeout_seconds', message: 'must be at most 30 seconds' }];
    const { baseUrl, client } = await server(
      json(
        422,
        {
          ...{ type: 'about:blank', title: 'Invalid request', status: 422 },
          code: 'invalid_request',
          detail: 'D',
          errors,
        },
        { 'x-request-id': 'r-1' },
      ),
    );
    const error = await failure(client().endpoints.create({ url: 'https://x.example' }));
    expect(error).toMatchObject({
      name: 'PosthornApiError',
      status: 422,
      code: 'invalid_request',
      detail: 'D',
      errors,
    });
    expect(error).toMatchObject({
      method: 'POST',
      url: `${baseUrl}/v1/tenants/acme/endpoints`,
      requestId: 'r-1',
    });
    expect(error.message).toBe(`POST ${baseUrl}/v1/tenants/acme/endpoints: 422 invalid_request: D`);
  });

  it('that nobody listens there', async () => {
    const baseUrl = `http://127.0.0.1:${await closedPort()}`;
    const error = await failure(createClient({ baseUrl, maxRetries: 0 }).health());
    const reason = `connect ECONNREFUSED ${new URL(baseUrl).host}`;
    expect(error.message).toBe(`GET ${baseUrl}/healthz: there was no answer: ${reason}`);
  });

  it.each<[string, Answer, RegExp]>([
    [
      'somebody else answers',
      (_r, response) => response.end('<html>Hello'),
      /no type.* is not one of Posthorn's/,
    ],
    [
      'it is redirected',
      (_r, response) => response.writeHead(302, { location: 'https://x.example/' }).end(),
      /redirected to https:\/\/x\.example\/: give the final/,
    ],
    [
      'the JSON is broken',
      (_r, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"a'),
      /is not one of Posthorn's/,
    ],
  ])('that %s', async (_what, answer, words) => {
    const { seen, client } = await server(answer);
    const error = await failure(client().publish(event));
    expect(error).toMatchObject({ name: 'PosthornApiError', code: 'unexpected_answer' });
    expect(error.message).toMatch(words);
    expect(seen.length).toBe(1);
  });

  it('the key to nobody', async () => {
    const { client } = await server(reset, hang, problem(401, 'unauthorized'), breakOff);
    const hasty = client({ maxRetries: 0, timeoutSeconds: 0.2 });
    const errors: Error[] = [];
    for (let n = 0; n < 4; n += 1) errors.push(await failure(hasty.publish(event)));
    errors.push(thrown(() => createClient({ baseUrl: 'http://x', apiKey: `${KEY}\n${KEY}` })));
    errors.push(thrown(() => createClient({ baseUrl: `http://me:${KEY}@x` })));
    errors.push(await failure(createClient({ baseUrl: 'http://x', token: () => `a ${KEY}` }).health()));
    errors.push(await failure(hasty.publish(event, { idempotencyKey: 'a b' })));
    expect(errors.length).toBe(8);
    for (const error of [...errors, hasty])
      expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.toContain('planted');
  });
});

describe('asks', () => {
  it('for page after page, also after an empty one, and not before somebody looks', async () => {
    const { seen, client } = await server(
      json(200, { data: [{ id: 'dlv_1' }], next_cursor: 'c 1' }),
      json(200, { data: [], next_cursor: 'c2' }),
      json(200, { data: [{ id: 'dlv_2' }], next_cursor: null }),
    );
    const list = client().deliveries.list({
      status: ['failed', 'held'],
      since: new Date(0),
      limit: undefined,
    });
    expect(seen.length).toBe(0);
    const ids = [];
    for await (const { id } of list) ids.push(id);
    expect(ids).toEqual(['dlv_1', 'dlv_2']);
    const query = 'status=failed%2Cheld&since=1970-01-01T00%3A00%3A00.000Z';
    const path = '/v1/tenants/acme/deliveries';
    expect(seen.map(({ url }) => url)).toEqual([
      `${path}?${query}`,
      `${path}?${query}&cursor=c%201`,
      `${path}?${query}&cursor=c2`,
    ]);
  });

  it('for no more pages than are looked at', async () => {
    const { seen, client } = await server(json(200, { data: [{ id: 'evt_1' }], next_cursor: 'more' }));
    for await (const _event of client().events.list()) break;
    expect(await client().events.list({ cursor: 'mine' }).page()).toMatchObject({ next_cursor: 'more' });
    expect(seen.map(({ url }) => url)).toEqual([
      '/v1/tenants/acme/events',
      '/v1/tenants/acme/events?cursor=mine',
    ]);
  });

  it('for what has the id, never for something above it', async () => {
    const { seen, client } = await server(json(200, {}));
    const { endpoints, tenants } = client();
    for (const id of ['', '.', '..', undefined as unknown as string])
      await expect(endpoints.delete(id)).rejects.toThrow('cannot be the id of anything');
    await expect(tenants.delete('..')).rejects.toThrow('cannot be the tenant of anything');
    await expect(client({ tenant: undefined }).endpoints.get('x')).rejects.toThrow('Whose? Give `tenant`');
    await endpoints.get('../x?y#z%2e', { tenant: 'a b' });
    expect(seen.map(({ url }) => url)).toEqual(['/v1/tenants/a%20b/endpoints/..%2Fx%3Fy%23z%252e']);
  });

  it('with a token that is made anew for every try', async () => {
    const given: (string | undefined)[] = [];
    const note: Answer = (request, response, body) => {
      given.push(request.headers.authorization);
      (given.length === 1 ? reset : accepted)(request, response, body);
    };
    const { client } = await server(note);
    let made = 0;
    await client({ apiKey: undefined, token: async () => `t${++made}` }).publish(event);
    expect(given).toEqual(['Bearer t1', 'Bearer t2']);
  });

  it('with every digit of a bigint', async () => {
    const { seen, client } = await server(accepted);
    await client().publish({ type: 'order.paid', data: { order: 9007199254740993n } });
    expect(seen[0]!.body).toBe('{"type":"order.paid","data":{"order":9007199254740993}}');
  });
});

async function closedPort(): Promise<number> {
  const http = createServer();
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  const { port } = http.address() as AddressInfo;
  await new Promise((done) => http.close(done));
  return port;
}

async function failure(call: Promise<unknown>): Promise<Error> {
  return call.then(
    () => expect.unreachable('it went well'),
    (error: Error) => error,
  );
}

function thrown(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  return expect.unreachable('nothing was thrown');
}
