/** One request and its answer, from waiting for a connection to the last byte that is read. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { AttemptError, HttpMethod, HttpResult } from '../domain.ts';
import {
  brokenResponseError,
  exchangeError,
  type ExchangePhase,
  statusError,
  timeoutError,
} from './classify.ts';
import type { Connection } from './connection.ts';
import type { OriginPool, Waiter } from './connection-pool.ts';
import { KEPT_BYTES, READ_LIMIT_BYTES, ResponseBody } from './response-body.ts';
import { declaredLength, recordedHeaders } from './response-headers.ts';
import { parseRetryAfter } from './retry-after.ts';

export interface SendRequest {
  url: string;
  method: HttpMethod;
  headers: Record<string, string>;
  body: string;
  /** For the whole exchange: DNS, connecting, TLS, sending, headers and body. */
  timeoutMs: number;
  verifyTls: boolean;
  /** CIDRs or addresses; when not empty, only these may be connected to. */
  allowedIps: string[];
}

/** The request cannot be put into HTTP, such as a header with a line break. A fault of the caller's, not an outcome. */
export class InvalidRequestError extends Error {
  override name = 'InvalidRequestError';
}

const CALLERS_FAULTS = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
]);

export class Exchange implements Waiter, Dispatcher.DispatchHandler {
  readonly #options: Dispatcher.DispatchOptions;
  readonly #timeoutMs: number;
  readonly #pool: OriginPool;
  readonly #onResult: (result: HttpResult) => void;
  readonly #onFault: (error: unknown) => void;
  readonly #startedAt = performance.now();
  readonly #deadline: NodeJS.Timeout;

  #connection: Connection | null = null;
  /** The connection was already open when this exchange got it. */
  #reused = false;
  #requestWritten = false;
  #retried = false;
  #settled = false;
  #statusCode: number | null = null;
  #headers: Record<string, string> = {};
  #body: ResponseBody | null = null;
  #readLimit = READ_LIMIT_BYTES;

  /** Starts at once. Exactly one of the two callbacks is called, once. */
  constructor(
    pool: OriginPool,
    options: Dispatcher.DispatchOptions,
    timeoutMs: number,
    onResult: (result: HttpResult) => void,
    onFault: (error: unknown) => void,
  ) {
    this.#pool = pool;
    this.#options = options;
    this.#timeoutMs = timeoutMs;
    this.#onResult = onResult;
    this.#onFault = onFault;
    this.#deadline = setTimeout(onDeadline, timeoutMs, this);
    pool.acquire(this);
  }

  onConnection(connection: Connection): void {
    this.#connection = connection;
    this.#reused = connection.phase === 'established';
    connection.client.dispatch(this.#options, this);
  }

  onRequestStart(): void {
    this.#requestWritten = true;
  }

  onResponseStart(_controller: unknown, statusCode: number, headers: IncomingHttpHeaders): void {
    if (this.#settled || (statusCode < 200 && statusCode !== 101)) return;
    this.#statusCode = statusCode;
    this.#headers = recordedHeaders(headers);
    if (statusCode === 101) {
      const message = 'the server switched protocols (HTTP 101), which was not asked for';
      return this.#breakOff({ class: 'invalid_response', message });
    }
    // No use in reading on for the sake of the connection when the end is too far away.
    if ((declaredLength(this.#headers) ?? 0) > READ_LIMIT_BYTES) this.#readLimit = KEPT_BYTES;
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    if (this.#settled) return;
    this.#body ??= new ResponseBody();
    this.#body.add(chunk);
    if (this.#body.receivedBytes > this.#readLimit) this.#breakOff(this.#statusError());
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    const connection = this.#connection;
    this.#settle(this.#statusError());
    if (connection !== null) connection.pool.release(connection);
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#settled) return;
    if (this.#statusCode !== null) {
      return this.#breakOff(brokenResponseError(error, this.#statusCode, this.#headers['location']));
    }
    if (CALLERS_FAULTS.has((error as NodeJS.ErrnoException).code ?? '')) {
      return this.#fail(new InvalidRequestError(`The request cannot be sent: ${error.message}`));
    }
    if (this.#mayStartAgain()) return this.#startAgain();
    this.#breakOff(exchangeError(error, this.#phase()));
  }

  /** Gives up because of ourselves: nothing about the endpoint can be concluded from it. */
  abort(reason: unknown): void {
    if (!this.#settled) this.#fail(reason);
  }

  /** Called by the timer. */
  expire(): void {
    if (!this.#settled) this.#breakOff(timeoutError(this.#timeoutMs, this.#phase(), this.#statusCode));
  }

  /**
   * A kept connection that the server closed just before we used it is no failure of the endpoint: once, the
   * request goes out on a new one, within the same deadline. Only while not a byte of it had been written: after
   * that the server may have acted on it, which is for the schedule and not for us to repeat.
   */
  #mayStartAgain(): boolean {
    return (
      this.#reused && !this.#requestWritten && !this.#retried && this.#connection?.failedToOpen === false
    );
  }

  #startAgain(): void {
    this.#retried = true;
    const broken = this.#connection;
    if (broken !== null) this.onConnection(this.#pool.replace(broken));
  }

  #phase(): ExchangePhase {
    const connection = this.#connection;
    if (connection === null) return 'queued';
    if (this.#statusCode !== null) return 'receiving';
    if (!this.#requestWritten) return connection.phase;
    return (connection.socket?.writableLength ?? 0) > 0 ? 'sending' : 'waiting';
  }

  #statusError(): AttemptError | null {
    return this.#statusCode === null ? null : statusError(this.#statusCode, this.#headers['location']);
  }

  /** Settles without having read to the end, so the connection is of no further use. */
  #breakOff(error: AttemptError | null): void {
    this.#settle(error);
    this.#giveUpConnection();
  }

  #fail(reason: unknown): void {
    this.#settled = true;
    clearTimeout(this.#deadline);
    this.#giveUpConnection();
    this.#onFault(reason);
  }

  #giveUpConnection(): void {
    if (this.#connection === null) this.#pool.stopWaiting(this);
    else this.#pool.discard(this.#connection);
  }

  #settle(error: AttemptError | null): void {
    this.#settled = true;
    clearTimeout(this.#deadline);
    const statusCode = this.#statusCode;
    const received = this.#body?.receivedBytes ?? 0;
    const cut = received > this.#readLimit;
    this.#onResult({
      statusCode,
      error,
      durationMs: elapsedMs(this.#startedAt),
      responseHeaders: this.#headers,
      responseBody: this.#body?.text() ?? '',
      responseBodyBytes: cut ? (declaredLength(this.#headers) ?? received) : received,
      retryAfterSeconds:
        statusCode === null ? null : parseRetryAfter(this.#headers['retry-after'], statusCode),
    });
  }
}

/** Milliseconds since `startedAt` (performance.now()), with two decimals. */
export function elapsedMs(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 100) / 100;
}

function onDeadline(exchange: Exchange): void {
  exchange.expire();
}
