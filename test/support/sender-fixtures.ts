/** Servers on loopback that misbehave to order, and a sender to meet them. */
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { expect, onTestFinished, vi } from 'vitest';
import { createAddressGuard } from '../../src/http/address-guard.ts';
import { createSender, type SenderOptions, type SendRequest } from '../../src/http/sender.ts';
import { PATIENCE_MS } from './until.ts';

export interface TestServer {
  server: Server;
  port: number;
  url: string;
  /** Connections accepted so far. */
  sockets: number;
  openSockets: Set<Socket>;
}

export const developmentGuard = createAddressGuard({
  allowLoopback: true,
  allowHttp: true,
  allowedNetworks: [],
});
export const productionGuard = createAddressGuard({
  allowLoopback: false,
  allowHttp: true,
  allowedNetworks: [],
});

/** Closed when the test ends. */
export function startSender(options: Partial<SenderOptions> = {}) {
  const sender = createSender({ guard: developmentGuard, ...options });
  onTestFinished(() => sender.close());
  return {
    ...sender,
    post: (url: string, more: Partial<SendRequest> = {}, signal?: AbortSignal) =>
      sender.send(
        {
          url,
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{"hello":"world"}',
          timeoutMs: PATIENCE_MS,
          verifyTls: true,
          allowedIps: [],
          ...more,
        },
        signal,
      ),
  };
}

export function startHttp(listener: RequestListener): Promise<TestServer> {
  return listen(createHttpServer(listener), 'http');
}

/** Speaks HTTP byte by byte: `onRequest` is called when a request's head and body have probably arrived. */
export function startTcp(onRequest: (socket: Socket, requestNumber: number) => void): Promise<TestServer> {
  const server = createTcpServer((socket) => {
    let requests = 0;
    socket.on('error', () => {});
    socket.on('data', () => onRequest(socket, ++requests));
  });
  return listen(server, 'http');
}

/** Also for an https.Server. Destroys its sockets when the test ends. */
export async function listen(server: Server, scheme: 'http' | 'https'): Promise<TestServer> {
  const started: TestServer = { server, port: 0, url: '', sockets: 0, openSockets: new Set() };
  server.on('connection', (socket: Socket) => {
    started.sockets++;
    started.openSockets.add(socket);
    socket.once('close', () => started.openSockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  started.port = (server.address() as AddressInfo).port;
  started.url = `${scheme}://127.0.0.1:${started.port}/hook`;
  onTestFinished(() => {
    server.close();
    for (const socket of started.openSockets) socket.destroy();
  });
  return started;
}

/** A port of 127.0.0.1 on which nothing listens. */
export async function unusedPort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until the server has had so many connections and has so many of them still. */
export async function expectSockets(server: TestServer, sockets: number, open: number): Promise<void> {
  await vi.waitFor(() => expect([server.sockets, server.openSockets.size]).toEqual([sockets, open]), {
    timeout: PATIENCE_MS,
  });
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
