/** A name server on loopback that knows some names, denies others, and is silent about the rest. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface TestNameServer {
  /** For `setServers`. */
  address: string;
  /** Names asked for (A records), in order. */
  asked: string[];
}

/** What a name has: an IPv4 address, `none` (NXDOMAIN), `failure` (SERVFAIL), or null: no answer ever. */
export type NameAnswers = (name: string) => string | null;

const TYPE_A = 1;

export async function startNameServer(answers: NameAnswers): Promise<TestNameServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, { port, address }) => {
    const { name, type, end } = question(query);
    if (type === TYPE_A) asked.push(name);
    const answer = answers(name);
    if (answer !== null) socket.send(reply(query.subarray(0, end), type, answer), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return { address: `127.0.0.1:${(socket.address() as AddressInfo).port}`, asked };
}

function question(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function reply(query: Buffer, type: number, answer: string): Buffer {
  const isAddress = /^\d/.test(answer);
  const found = isAddress && type === TYPE_A;
  const head = Buffer.from(query);
  // A response, recursion available, and NOERROR, SERVFAIL or NXDOMAIN.
  head.writeUInt16BE(0x8180 | (isAddress ? 0 : answer === 'failure' ? 2 : 3), 2);
  head.writeUInt16BE(found ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  if (!found) return head;
  const record = Buffer.from([
    0xc0,
    12,
    0,
    TYPE_A,
    0,
    1,
    0,
    0,
    0,
    60,
    0,
    4,
    ...answer.split('.').map(Number),
  ]);
  return Buffer.concat([head, record]);
}
