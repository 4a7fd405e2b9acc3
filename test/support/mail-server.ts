/** A real SMTP server in the process, whose behaviour a test can change at any time. */
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface ReceivedMail {
  from: string;
  to: string[];
  /** As it came, with its headers. */
  raw: string;
  secure: boolean;
}

export interface TestMailServer {
  port: number;
  received: ReceivedMail[];
  to(address: string): ReceivedMail[];
  /** Refuses this address with this code; null: takes it again. */
  refuse(address: string, code: number | null): void;
  /** Answers messages with this code after they have come: all of them, or those to `address`; null: takes them. */
  refuseMessages(code: number | null, address?: string): void;
  stop(): Promise<void>;
}

const refusal = (code: number, words: string) => Object.assign(new Error(words), { responseCode: code });

/** `port`: to come back where another was. */
export async function startTestMailServer(
  options: SMTPServerOptions = {},
  port = 0,
): Promise<TestMailServer> {
  const received: ReceivedMail[] = [];
  const refused = new Map<string, number>();
  let refusedMessages: { code: number; address: string | undefined } | null = null;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 100,
    onRcptTo({ address }, _session, done) {
      const code = refused.get(address);
      done(code === undefined ? null : refusal(code, 'nobody of that name'));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const { code, address } = refusedMessages ?? {};
        if (code && (!address || rcptTo.some((one) => one.address === address)))
          return done(refusal(code, 'not this message'));
        received.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString('utf8'),
          secure: session.secure,
        });
        done();
      });
    },
    ...options,
  });
  // Clients that break off.
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    to: (address) => received.filter((mail) => mail.to.includes(address)),
    refuse: (address, code) => void (code === null ? refused.delete(address) : refused.set(address, code)),
    refuseMessages: (code, address) => void (refusedMessages = code === null ? null : { code, address }),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The decoded text part. */
export function textOf({ raw }: ReceivedMail): string {
  const part = /Content-Type: text\/plain[\s\S]*?\r\n\r\n([\s\S]*?)\r\n--/.exec(raw);
  return decoded(part?.[0] ?? '', part?.[1] ?? '');
}

export function htmlOf({ raw }: ReceivedMail): string {
  const part = /Content-Type: text\/html[\s\S]*?\r\n\r\n([\s\S]*?)\r\n--/.exec(raw);
  return decoded(part?.[0] ?? '', part?.[1] ?? '');
}

function decoded(part: string, body: string): string {
  if (/Content-Transfer-Encoding: base64/i.test(part)) return Buffer.from(body, 'base64').toString('utf8');
  if (!/quoted-printable/i.test(part)) return body.replaceAll('\r\n', '\n');
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n');
}

/** Of the mail's head, with folded lines joined. */
export const headerOf = ({ raw }: ReceivedMail, name: string): string[] =>
  raw
    .slice(0, raw.indexOf('\r\n\r\n'))
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}: `))
    .map((line) => line.slice(name.length + 2));
