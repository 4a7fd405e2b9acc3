/** A customer's endpoint on a real socket, whose behaviour a test can change at any time. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  atMs: number;
}

export type Behaviour = number | ((request: Received, response: ServerResponse) => void);

export interface TestReceiver {
  url: string;
  received: Received[];
  /** A status code, or what to do with the response. */
  answer(behaviour: Behaviour): void;
  /** What a path gets, over what everything gets. */
  answerAt(path: string, behaviour: Behaviour): void;
  at(path: string): Received[];
  stop(): Promise<void>;
}

export async function startTestReceiver(): Promise<TestReceiver> {
  const received: Received[] = [];
  const byPath = new Map<string, Behaviour>();
  let general: Behaviour = 200;
  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      const path = (request.url ?? '/').split('?')[0]!;
      const one = { method: request.method ?? '', path, headers: request.headers, body, atMs: Date.now() };
      received.push(one);
      const behaviour = byPath.get(path) ?? general;
      if (typeof behaviour === 'number') response.writeHead(behaviour).end(`status ${behaviour}`);
      else behaviour(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: (behaviour) => void (general = behaviour),
    answerAt: (path, behaviour) => void byPath.set(path, behaviour),
    at: (path) => received.filter((one) => one.path === path),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
