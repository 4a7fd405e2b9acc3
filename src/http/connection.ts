/**
 * A keep-alive connection: an undici `Client` that carries one request at a time. undici's own `Pool` is not used
 * because a request given to it cannot be taken back while its connection is still being opened, nor can that
 * connection be closed: here, whoever holds a connection can destroy it in any phase.
 */
import type { Socket } from 'node:net';
import { Client } from 'undici';
import type { OriginPool } from './connection-pool.ts';
import { type ConnectPhase, openSocket } from './connector.ts';

/** An unused connection is closed after this time where the server's Keep-Alive header names none. */
const IDLE_MS = 4_000;
const LONGEST_IDLE_MS = 60_000;
/** A busy connection is renewed now and then, so that a changed DNS record is noticed. */
const MAX_AGE_MS = 120_000;
const MAX_RESPONSE_HEADER_BYTES = 16 * 1024;

export class Connection {
  readonly pool: OriginPool;
  readonly client: Client;
  phase: ConnectPhase = 'resolving';
  socket: Socket | null = null;
  /** The last try to open the socket failed. */
  failedToOpen = false;
  idle = false;
  readonly #createdAt = performance.now();

  constructor(pool: OriginPool) {
    this.pool = pool;
    this.client = new Client(pool.origin, {
      connect: (target, callback) => {
        this.socket = openSocket(
          {
            protocol: target.protocol,
            hostname: target.hostname,
            port: Number(target.port) || (target.protocol === 'https:' ? 443 : 80),
            servername: target.servername || null,
          },
          pool.policy,
          (phase) => {
            this.phase = phase;
          },
          (error, socket) => {
            this.failedToOpen = error !== null;
            if (error !== null) callback(error, null);
            else if (socket !== null) callback(null, socket);
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
    this.client.on('disconnect', () => {
      this.phase = 'resolving';
      if (this.idle) pool.discard(this);
    });
  }

  get reusable(): boolean {
    return this.phase === 'established' && performance.now() - this.#createdAt < MAX_AGE_MS;
  }

  destroy(): void {
    // undici does not know a socket that is still connecting. The error goes nowhere, but must have a listener.
    if (this.phase !== 'established') this.socket?.on('error', () => {}).destroy();
    void this.client.destroy();
  }
}
