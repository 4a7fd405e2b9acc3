/** One keep-alive connection that publishes events, one at a time, from a request prepared once. */
import { connect, type Socket } from 'node:net';
import { Frames } from '../http-frames.ts';
import { FIRST_SEQ } from '../sequence.ts';

export interface Target {
  port: number;
  path: string;
  apiKey: string;
}

/** What a whole event comes to, as the peers were measured with. */
const EVENT_BYTES = 400;
const NO_TIME = 1_000_000_000_000;

interface Template {
  bytes: Buffer;
  seqAt: number;
  sentAt: number;
}

/** Numbers in it have a fixed width and are overwritten in place. */
function makeTemplate({ port, path, apiKey }: Target): Template {
  const head = `{"type":"bench.happened","data":{"seq":${FIRST_SEQ},"sent_at_ms":${NO_TIME},"note":"`;
  const tail = '"}}';
  const note = 'All work and no play makes a dull event. '.repeat(20);
  const body = head + note.slice(0, EVENT_BYTES - head.length - tail.length) + tail;
  const text =
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${apiKey}\r\n` +
    `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const at = (mark: string) => text.indexOf(mark) + mark.length;
  return { bytes: Buffer.from(text), seqAt: at('"seq":'), sentAt: at('"sent_at_ms":') };
}

function writeDigits(bytes: Buffer, at: number, width: number, value: number): void {
  let rest = value;
  for (let index = at + width - 1; index >= at; index -= 1) {
    bytes[index] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

export interface Events {
  onReady(connection: LoadConnection): void;
  onAnswer(connection: LoadConnection, seq: number, status: number): void;
  /** Refused or broken; `seq` is what was under way, else null. */
  onGone(connection: LoadConnection, seq: number | null): void;
}

export class LoadConnection {
  readonly #socket: Socket;
  readonly #template: Template;
  #seq: number | null = null;
  #gone = false;

  constructor(target: Target, events: Events) {
    this.#template = makeTemplate(target);
    const frames = new Frames((bytes, start) => {
      const seq = this.#seq!;
      this.#seq = null;
      events.onAnswer(this, seq, Number(bytes.toString('latin1', start + 9, start + 12)));
    });
    this.#socket = connect({ port: target.port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('connect', () => events.onReady(this));
    this.#socket.on('data', (chunk) => frames.feed(chunk));
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      if (this.#gone) return;
      this.#gone = true;
      events.onGone(this, this.#seq);
    });
  }

  /** Only when nothing is under way, which also makes it safe to write over the last request's bytes. */
  publish(seq: number): void {
    const { bytes, seqAt, sentAt } = this.#template;
    this.#seq = seq;
    writeDigits(bytes, seqAt, 8, FIRST_SEQ + seq);
    writeDigits(bytes, sentAt, 13, Date.now());
    this.#socket.write(bytes);
  }

  end(): void {
    this.#gone = true;
    this.#socket.destroy();
  }
}
