/**
 * A keep-alive connection: an undici `Client` that carries one request at a time. undici's own `Pool` is not used
 * because a request given to it cannot be taken back while its connection is still being opened, nor can that
 * connection be closed: here, whoever holds a connection can destroy it in any phase.
 */
import type { Socket } from 'node:net';
import Client from 'undici/lib/dispatcher/client.js';
import { AnswerBytes } from './answer-bytes.ts';
import type { OriginPool } from './connection-pool.ts';
import { isTlsError } from './classify.ts';
import { type ConnectPhase, openSocket } from './connector.ts';
import type { OpeningMarks } from './timing.ts';

/** An unused connection is closed after this time where the server's Keep-Alive header names none. */
const IDLE_MS = 4_000;
const LONGEST_IDLE_MS = 60_000;
/** A busy connection is renewed now and then, so that a changed DNS record is noticed. */
const MAX_AGE_MS = 120_000;
const MAX_RESPONSE_HEADER_BYTES = 16 * 1024;
/** undici's words for an answer that came while no request was under way. It has closed the connection. */
const UNSOLICITED = 'bad response';

/** One for all: it goes nowhere, and a stack trace costs more than closing a socket. */
const DISCARDED = new Error('this connection is not needed any more');

export class Connection {
  readonly pool: OriginPool;
  /** Whom it was opened for. */
  readonly payer: string;
  readonly client: Client;
  phase: ConnectPhase = 'resolving';
  opening: OpeningMarks = {};
  socket: Socket | null = null;
  /** Set once the socket is open. */
  answerBytes: AnswerBytes | null = null;
  /** What ended it, when that was TLS: undici tells the end of the stream, which comes right after. */
  tlsError: Error | null = null;
  /** Called when everything that has come so far has been parsed. */
  onParsed: () => void = () => {};
  /** The last try to open the socket failed. */
  failedToOpen = false;
  idle = false;
  readonly #createdAt = performance.now();

  constructor(pool: OriginPool, payer: string) {
    this.pool = pool;
    this.payer = payer;
    this.client = new Client(pool.origin, {
      connect: (target, callback) => {
        this.opening = {};
        this.socket = openSocket(
          {
            protocol: target.protocol,
            hostname: target.hostname,
            port: Number(target.port) || (target.protocol === 'https:' ? 443 : 80),
            servername: target.servername || null,
            payer,
          },
          pool.policy,
          (phase) => {
            this.phase = phase;
            this.opening[phase] = performance.now();
          },
          (error, socket) => {
            this.failedToOpen = error !== null;
            if (error !== null) callback(error, null);
            else if (socket !== null) {
              this.tlsError = null;
              if (target.protocol === 'https:')
                socket.once('error', (fault) => (this.tlsError = isTlsError(fault) ? fault : null));
              this.answerBytes = new AnswerBytes(socket);
              this.answerBytes.onParsed = () => this.onParsed();
              callback(null, socket);
            }
          },
        );
      },
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: LONGEST_IDLE_MS,
      maxHeaderSize: MAX_RESPONSE_HEADER_BYTES,
      // The exchange has one deadline over everything; undici's own timers would only cost.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.client.on('disconnect', (_origin, _clients, error) => {
      this.phase = 'resolving';
      if (error.message === UNSOLICITED) pool.distrust();
      if (this.idle) pool.discard(this);
    });
  }

  get reusable(): boolean {
    return this.phase === 'established' && performance.now() - this.#createdAt < MAX_AGE_MS;
  }

  destroy(): void {
    // undici does not know a socket that is still connecting. The error goes nowhere, but must have a listener.
    if (this.phase !== 'established') this.socket?.on('error', () => {}).destroy();
    void this.client.destroy(DISCARDED);
  }
}
