/** The adapters of posthorn/verify in the real frameworks, over real sockets, and the examples that show them. */
import { serve } from '@hono/node-server';
import express from 'express';
import Fastify from 'fastify';
import fc from 'fast-check';
import { Hono } from 'hono';
import ipaddr from 'ipaddr.js';
import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  fastifyPlugin,
  fetchHandler,
  honoHandler,
  nodeHandler,
  type HandlerOptions,
  type VerifiedWebhook,
} from '../../src/sdk/verify/index.ts';
import { createSourceCheck, parseAddress } from '../../src/sdk/verify/sources.ts';
import { freePort } from '../support/npm-start.ts';
import { until } from '../support/until.ts';
import {
  anEvent,
  aRequest,
  builtIn,
  HEX_SECRET,
  OLD_WHSEC_SECRET,
  WHSEC_SECRET,
} from './profiles-fixtures.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

type OnEvent = (event: VerifiedWebhook) => unknown;
/** Starts a server that takes webhooks at /webhooks; returns its address. */
type Start = (options: HandlerOptions, onEvent: OnEvent) => Promise<string>;

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return opened(server);
}
function opened(server: Server): string {
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
}

const SERVERS: Record<string, Start> = {
  node: (options, onEvent) => listen(nodeHandler<IncomingMessage>(options, onEvent)),
  express: (options, onEvent) => {
    const app = express();
    app.post('/webhooks', nodeHandler(options, onEvent));
    app.use(express.json());
    return listen(app);
  },
  'express with raw()': (options, onEvent) => {
    const app = express();
    app.post('/webhooks', express.raw({ type: '*/*', limit: '9mb' }), nodeHandler(options, onEvent));
    return listen(app);
  },
  fastify: async (options, onEvent) => {
    const app = Fastify();
    await app.register(fastifyPlugin({ ...options, path: '/webhooks' }, onEvent));
    app.post('/json', async ({ body }) => body);
    await app.listen({ port: 0, host: '127.0.0.1' });
    closing.push(() => app.close());
    return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/webhooks`;
  },
  hono: async (options, onEvent) => {
    const app = new Hono();
    app.post('/webhooks', honoHandler(options, onEvent));
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    await new Promise((done) => server.once('listening', done));
    return opened(server as Server);
  },
};

function signed(body?: string) {
  const attemptTime = new Date();
  if (body === undefined) return aRequest(builtIn('standard'), { attemptTime });
  return { ...aRequest(builtIn('standard'), { attemptTime, body }), body };
}

async function post(url: string, { headers, body }: ReturnType<typeof signed>) {
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
  const response = await fetch(url, init);
  return { status: response.status, text: await response.text() };
}

describe.each(Object.entries(SERVERS))('%s', (_name, start) => {
  it('hands over what is genuine, and says in words what is not', async () => {
    const events: VerifiedWebhook[] = [];
    const url = await start({ secret: [OLD_WHSEC_SECRET, WHSEC_SECRET] }, (event) => events.push(event));
    const request = signed();
    expect(await post(url, request)).toEqual({ status: 204, text: '' });
    const { conversation_id } = JSON.parse(anEvent().data!);
    expect(events).toMatchObject([{ id: 'evt_018f7d3c', data: { conversation_id, note: 'naïve ✓' } }]);

    const tampered = await post(url, { ...request, body: request.body.replace('conv_1', 'conv_2') });
    expect(tampered).toMatchObject({ status: 401, text: /^No signature matches/ as unknown });
    expect(await post(url, { headers: {}, body: request.body })).toEqual({
      status: 401,
      text: 'The header webhook-signature is missing',
    });
    expect(await post(url, signed('[1'))).toMatchObject({ status: 400 });
    expect((await post(url, { ...request, body: '' })).status).toBe(401);
    expect(events.length).toBe(1);
  });

  it('takes from whom it may, and as much as it may', async () => {
    const here = await start(
      { secret: WHSEC_SECRET, allowedSources: ['127.0.0.0/8'], maxBytes: 1000 },
      () => {},
    );
    expect((await post(here, signed())).status).toBe(204);
    expect((await post(here, signed(JSON.stringify('x'.repeat(2000))))).status).toBe(413);
    const elsewhere = await start({ secret: WHSEC_SECRET, allowedSources: ['203.0.113.7'] }, () => {});
    expect(await post(elsewhere, signed())).toEqual({
      status: 403,
      text: 'Requests from 127.0.0.1 are not taken',
    });
  });

  it('answers 500 when the event cannot be processed, so that it comes again', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {});
    const url = await start({ secret: WHSEC_SECRET }, () => Promise.reject(new Error('the disk is full')));
    expect((await post(url, signed())).status).toBe(500);
    said.mockRestore();
  });

  it('does not start without a secret', async () => {
    const start_ = async () => start({ secret: process.env.NOT_SET_AT_ALL }, () => {});
    await expect(start_()).rejects.toThrow('A webhook cannot be verified without a secret');
  });
});

describe('a body that was read before', () => {
  it('by express.json() is a mistake that is named', async () => {
    const said: unknown[] = [];
    const app = express();
    app.use(express.json());
    app.post(
      '/webhooks',
      nodeHandler({ secret: WHSEC_SECRET }, () => {}),
    );
    app.use(((error, _request, response, _next) => {
      said.push(error);
      response.sendStatus(500);
    }) as express.ErrorRequestHandler);
    expect((await post(await listen(app), signed())).status).toBe(500);
    expect(String(said[0])).toMatch(/read before it could be verified: put this route before express\.json/);
  });

  it('as a Request, too', async () => {
    const handler = fetchHandler({ secret: WHSEC_SECRET }, () => {});
    const request = new Request('http://x', { method: 'POST', ...signed() });
    await request.text();
    await expect(handler(request)).rejects.toThrow('read before it could be verified');
  });
});

it('who goes away half-way is not waited for', async () => {
  const handled: Promise<void>[] = [];
  const onEvent = vi.fn();
  const handler = nodeHandler<IncomingMessage>({ secret: WHSEC_SECRET }, onEvent);
  const url = new URL(await listen((request, response) => void handled.push(handler(request, response))));
  const socket = connect(Number(url.port), url.hostname);
  socket.write('POST /webhooks HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf');
  await until(
    async () => handled.length,
    (count) => count === 1,
  );
  socket.destroy();
  await handled[0];
  expect(onEvent).not.toHaveBeenCalled();
});

it('other routes of Fastify go on being parsed', async () => {
  const url = await SERVERS.fastify!({ secret: WHSEC_SECRET }, () => {});
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' };
  expect(await (await fetch(url.replace('/webhooks', '/json'), init)).json()).toEqual({ a: 1 });
});

it('a Request does not say who is connected, so the runtime has to', async () => {
  const options = { secret: HEX_SECRET, profile: '8bit', allowedSources: ['2001:db8::/32'] };
  expect(() => fetchHandler(options, () => {})).toThrow('allowedSources needs remoteAddress');
  const handler = fetchHandler(
    { ...options, remoteAddress: (_request, info: { hostname: string }) => info.hostname },
    () => {},
  );
  const ask = async (hostname: string) => {
    const request = aRequest(builtIn('8bit'), { attemptTime: new Date() });
    return (await handler(new Request('http://x', { method: 'PUT', ...request }), { hostname })).status;
  };
  expect([await ask('2001:db8:1::7'), await ask('2001:db9::7')]).toEqual([204, 403]);
});

describe('allowed sources', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.8', false],
    ['203.0.113.0/24', '203.0.113.255', true],
    ['203.0.113.0/25', '203.0.113.128', false],
    ['0.0.0.0/0', '8.8.8.8', true],
    ['203.0.113.7', '::ffff:203.0.113.7', true],
    ['::ffff:203.0.113.0/120', '203.0.113.9', true],
    ['2001:db8::/32', '2001:db8:ffff::1%eth0', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['::/0', '8.8.8.8', false],
    ['10.0.0.0/8', 'somebody', false],
    ['10.0.0.0/8', '10.0.0.1.2', false],
    ['10.0.0.0/8', '10.0.0.01', false],
  ])('%s: %s: %s', (allowed, address, expected) => {
    expect(createSourceCheck([allowed])(address)).toBe(expected);
    expect(createSourceCheck([allowed])(undefined)).toBe(false);
  });

  it.each([
    '',
    'example.com',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '1.2.3',
    '::1::',
    ':::',
    '1:2:3:4:5:6:7:8:9',
    'fe80::/129',
    '::ffff:1.2.3.4/95',
  ])('the mistake %j is named', (text) => {
    expect(() => createSourceCheck([text])).toThrow(`allowedSources: "${text}" is neither`);
  });

  it('are read as ipaddr.js reads them', () => {
    // ipaddr.js takes ::192.0.2.1 for ::ffff:192.0.2.1.
    const v6 = fc.ipV6().filter((text) => !/^::\d+\./.test(text));
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), v6), fc.oneof(fc.ipV4(), v6), fc.nat(32), (address, network, size) => {
        const [one, other] = [ipaddr.process(address), ipaddr.process(network)];
        expect(parseAddress(address)).toEqual(one.toByteArray());
        const expected = one.kind() === other.kind() && one.match(other as ipaddr.IPv4, size);
        expect(createSourceCheck([`${other.toString()}/${size}`])(address)).toBe(expected);
      }),
    );
  });
});

describe('examples/receivers', () => {
  const folder = resolve(import.meta.dirname, '../../examples/receivers');

  async function check(file: string, server: Promise<string> | string): Promise<void> {
    const url = await server;
    const request = signed();
    await until(
      () => post(url, request).catch(() => ({ status: 0 })),
      ({ status }) => status === 204,
    );
    const refused = await post(url, { ...request, body: request.body.replace('conv_1', 'conv_2') });
    expect(refused.status, file).toBe(401);
  }

  it.each(['node.mjs', 'express.mjs', 'fastify.mjs', 'hono.mjs'])('%s', async (file) => {
    const port = await freePort();
    const env = { ...process.env, PORT: String(port), WEBHOOK_SECRET: WHSEC_SECRET };
    const child = spawn(process.execPath, [join(folder, file)], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    try {
      await check(file, `http://127.0.0.1:${port}/webhooks`);
      await until(
        async () => output,
        (text) => text.includes('received evt_018f7d3c'),
      );
    } finally {
      child.kill();
    }
  });

  it('next-route.mjs', async () => {
    vi.stubEnv('WEBHOOK_SECRET', WHSEC_SECRET);
    const said = vi.spyOn(console, 'log').mockImplementation(() => {});
    const { POST } = (await import(join(folder, 'next-route.mjs'))) as {
      POST: (request: Request, context: object) => Promise<Response>;
    };
    const app = new Hono();
    // As Next calls it: with a Request, and the parameters of the path beside it.
    app.post('/webhooks', (context) => POST(context.req.raw, { params: Promise.resolve({}) }));
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    await new Promise((done) => server.once('listening', done));
    await check('next-route.mjs', opened(server as Server));
    expect(said).toHaveBeenCalled();
    said.mockRestore();
    vi.unstubAllEnvs();
  });
});
