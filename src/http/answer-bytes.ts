/**
 * What a socket reads, before the parser gets it: counted, and without the informational answers. RFC 9110 (15.2)
 * bids us skip those, a `100 Continue` that nobody asked for among them, which undici takes for a broken answer.
 */
import type { Socket } from 'node:net';

const NOTHING = Buffer.alloc(0);
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const DIGIT_ONE = 0x31;
const STATUS_AT = 'HTTP/1.1 '.length;
const STATUS_END = STATUS_AT + 3;

export class AnswerBytes {
  /** Since the exchange began, informational answers included. */
  received = 0;
  /** Called when everything that has come so far has been parsed. */
  onParsed: () => void = () => {};
  /** Once the head of the answer is complete, what its first line says; null when that is no status. */
  status: number | null = null;
  /** At the beginning of an answer; within an informational one; or in what is the parser's, of which the head is watched. */
  #at: 'start' | 'informational' | 'head' | 'answer' = 'start';
  /** Seen already, and not yet to be decided about. */
  #held = NOTHING;
  #firstLine = '';

  /** From now on `socket.read()` gives what is left. */
  constructor(socket: Socket) {
    const read = socket.read.bind(socket);
    socket.read = (size?: number): Buffer | null => {
      for (;;) {
        const chunk = read(size) as Buffer | null;
        if (chunk === null) {
          if (size === undefined) this.onParsed();
          return null;
        }
        this.received += chunk.length;
        const rest = this.#passOn(chunk);
        if (rest !== null) return rest;
      }
    };
  }

  /** A request is about to be written: what comes next is its answer. */
  begin(): void {
    this.received = 0;
    this.status = null;
    this.#at = 'start';
    this.#held = NOTHING;
  }

  #passOn(chunk: Buffer): Buffer | null {
    if (this.#at === 'answer') return chunk;
    const rest = this.#at === 'head' ? chunk : this.#withoutInformational(chunk);
    if (this.#at === 'head' && rest !== null) this.#watchHead(rest);
    return rest;
  }

  #watchHead(chunk: Buffer): void {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    if (endOfHead(bytes) === -1) return void this.#hold(bytes.subarray(-2));
    this.#at = 'answer';
    this.status = /^HTTP\/1\.[01] [2-9]\d\d$/.test(this.#firstLine)
      ? Number(this.#firstLine.slice(STATUS_AT))
      : null;
  }

  /** null when nothing of it is left, or more must come before that can be said. */
  #withoutInformational(chunk: Buffer): Buffer | null {
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = NOTHING;
    while (bytes.length > 0) {
      if (this.#at === 'informational') {
        const end = endOfHead(bytes);
        // The line feed that the blank line begins with may have come already.
        if (end === -1) return this.#hold(bytes.subarray(-2));
        bytes = bytes.subarray(end);
        this.#at = 'start';
      } else {
        bytes = withoutEmptyLines(bytes);
        if (bytes.length < STATUS_END && mayBeStatusLine(bytes)) return this.#hold(bytes);
        if (!isInformational(bytes)) {
          this.#at = 'head';
          this.#firstLine = bytes.toString('latin1', 0, STATUS_END);
          return bytes;
        }
        this.#at = 'informational';
      }
    }
    return null;
  }

  #hold(bytes: Buffer): null {
    this.#held = Buffer.from(bytes);
    return null;
  }
}

/** Some servers send one in front, which parsers overlook. */
function withoutEmptyLines(bytes: Buffer): Buffer {
  let from = 0;
  while (bytes[from] === CARRIAGE_RETURN || bytes[from] === LINE_FEED) from++;
  return from === 0 ? bytes : bytes.subarray(from);
}

/** 101 is none: it ends HTTP on this connection. */
function isInformational(bytes: Buffer): boolean {
  if (bytes[STATUS_AT] !== DIGIT_ONE) return false;
  return /^HTTP\/1\.[01] 1(?!01)\d\d$/.test(bytes.toString('latin1', 0, STATUS_END));
}

function mayBeStatusLine(bytes: Buffer): boolean {
  return /^HTTP\/1\.[01] \d*$/.test(bytes.toString('latin1') + 'HTTP/1.1 '.slice(bytes.length));
}

/** Behind the blank line; -1 when there is none yet. */
function endOfHead(bytes: Buffer): number {
  for (let i = bytes.indexOf(LINE_FEED); i !== -1; i = bytes.indexOf(LINE_FEED, i + 1)) {
    if (bytes[i + 1] === LINE_FEED) return i + 2;
    if (bytes[i + 1] === CARRIAGE_RETURN && bytes[i + 2] === LINE_FEED) return i + 3;
  }
  return -1;
}
