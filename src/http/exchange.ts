/** One request and its answer, from waiting for a connection to the last byte that is read. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { AttemptError, HttpMethod, HttpResult } from '../domain.ts';
import {
  brokenAnswerRemark,
  CONTRADICTORY_LENGTH_REMARK,
  cutOffByTimeRemark,
  exchangeError,
  type ExchangePhase,
  isAboutLength,
  isSilence,
  statusError,
  timeoutError,
} from './classify.ts';
import type { Connection } from './connection.ts';
import type { OriginPool, Waiter } from './connection-pool.ts';
import { KEPT_BYTES, MAX_FRAMING_BYTES, READ_LIMIT_BYTES, ResponseBody } from './response-body.ts';
import { declaredLength, recordedHeaders } from './response-headers.ts';
import { parseRetryAfter } from './retry-after.ts';
import type { TlsIdentity } from './tls-identity.ts';
import { type OpeningMarks, rounded, timingOf } from './timing.ts';

export interface SendRequest {
  url: string;
  method: HttpMethod;
  headers: Record<string, string>;
  body: string;
  /**
   * For the whole exchange: DNS, connecting, TLS, sending, headers and body. An answer counts once its status line
   * and headers are complete; a body that takes longer is cut off.
   */
  timeoutMs: number;
  verifyTls: boolean;
  /** What the endpoint wants of TLS beyond the ordinary; null: nothing. */
  tls?: TlsIdentity | null;
  /** By a connection of its own, so that every part of the exchange is seen. */
  fresh?: boolean;
  /** Look-ups take turns by it. */
  tenantId?: string;
  /** CIDRs or addresses; when not empty, only these may be connected to. */
  allowedIps: string[];
  /** Asked last, when the connection is open and not a byte is sent: false, and none is. */
  mayBegin?: () => boolean;
}

/** Nothing was sent: it was not to be begun any more when its connection was open at last. */
export class NotBegunError extends Error {
  override name = 'NotBegunError';
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
  readonly payer: string;
  readonly #options: Dispatcher.DispatchOptions;
  readonly #timeoutMs: number;
  readonly #pool: OriginPool;
  readonly #onResult: (result: HttpResult) => void;
  readonly #onFault: (error: unknown) => void;
  readonly #startedAt = performance.now();
  readonly #deadline: NodeJS.Timeout;
  readonly #onParsed = () => this.#checkFraming();
  readonly #mayBegin: () => boolean;

  #connection: Connection | null = null;
  /** The connection was already open when this exchange got it. */
  #reused = false;
  #requestStartedAt: number | null = null;
  #answeredAt: number | null = null;
  #retried = false;
  #settled = false;
  #timedOut = false;
  #remark: string | null = null;
  #statusCode: number | null = null;
  #headers: Record<string, string> = {};
  #body: ResponseBody | null = null;
  #readLimit = READ_LIMIT_BYTES;

  /** Starts at once. Exactly one of the two callbacks is called, once. */
  constructor(
    pool: OriginPool,
    options: Dispatcher.DispatchOptions,
    {
      timeoutMs,
      tenantId = '',
      mayBegin = () => true,
    }: Pick<SendRequest, 'timeoutMs' | 'tenantId' | 'mayBegin'>,
    onResult: (result: HttpResult) => void,
    onFault: (error: unknown) => void,
  ) {
    this.#pool = pool;
    this.payer = tenantId;
    this.#options = options;
    this.#timeoutMs = timeoutMs;
    this.#mayBegin = mayBegin;
    this.#onResult = onResult;
    this.#onFault = onFault;
    this.#deadline = setTimeout(onDeadline, timeoutMs, this);
    pool.acquire(this);
  }

  onConnection(connection: Connection): void {
    this.#connection = connection;
    this.#reused = connection.phase === 'established';
    connection.answerBytes?.begin();
    connection.onParsed = this.#onParsed;
    connection.client.dispatch(this.#options, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (!this.#settled && !this.#mayBegin()) {
      const reason = new NotBegunError('It was not to be begun any more when its connection was open.');
      this.#settled = true;
      controller.abort(reason);
      return this.#fail(reason);
    }
    this.#requestStartedAt = performance.now();
  }

  onResponseStart(_controller: unknown, statusCode: number, headers: IncomingHttpHeaders): void {
    if (this.#settled) return;
    this.#answeredAt = performance.now();
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
    if (this.#body.receivedBytes > this.#readLimit)
      this.#cutOff('the answer is longer than 1 MiB: it was not read to its end');
  }

  /** Heads, informational answers, chunk sizes with their extensions, trailers: nobody needs much of them. */
  #checkFraming(): void {
    if (this.#settled) return;
    const received = this.#connection?.answerBytes?.received ?? 0;
    if (received - (this.#body?.receivedBytes ?? 0) <= MAX_FRAMING_BYTES) return;
    if (this.#statusCode !== null)
      this.#cutOff(
        'the answer was cut off: it has more than 64 KiB of headers, chunk extensions or trailers',
      );
    else this.#breakOff({ class: 'invalid_response', message: 'more than 64 KiB came before the answer' });
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    const connection = this.#connection;
    if (this.#statusCode === 204 && (declaredLength(this.#headers) ?? 0) > 0)
      this.#remark = 'the answer announces a body, which HTTP 204 does not have';
    this.#settle(this.#statusError());
    if (connection !== null) connection.pool.release(connection);
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#settled) return;
    if (this.#statusCode !== null) return this.#cutOff(brokenAnswerRemark(error));
    if (isAboutLength(error)) this.#statusCode = this.#connection?.answerBytes?.status ?? null;
    if (this.#statusCode !== null) return this.#cutOff(CONTRADICTORY_LENGTH_REMARK);
    if (CALLERS_FAULTS.has((error as NodeJS.ErrnoException).code ?? '')) {
      return this.#fail(new InvalidRequestError(`The request cannot be sent: ${error.message}`));
    }
    if (this.#mayStartAgain()) return this.#startAgain();
    this.#timedOut = isSilence(error);
    this.#breakOff(exchangeError(this.#connection?.tlsError ?? error, this.#phase()));
  }

  /** Gives up because of ourselves: nothing about the endpoint can be concluded from it. */
  abort(reason: unknown): void {
    if (!this.#settled) this.#fail(reason);
  }

  /** Called by the timer. */
  expire(): void {
    if (this.#settled) return;
    this.#timedOut = true;
    if (this.#statusCode !== null) this.#cutOff(cutOffByTimeRemark(this.#timeoutMs));
    else this.#breakOff(timeoutError(this.#timeoutMs, this.#phase()));
  }

  /**
   * A kept connection that the server closed just before we used it is no failure of the endpoint: once, the
   * request goes out on a new one, within the same deadline. Only while not a byte of it had been written: after
   * that the server may have acted on it, which is for the schedule and not for us to repeat.
   */
  #mayStartAgain(): boolean {
    return (
      this.#reused &&
      this.#requestStartedAt === null &&
      !this.#retried &&
      this.#connection?.failedToOpen === false
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
    if (this.#requestStartedAt === null) return connection.phase;
    return (connection.socket?.writableLength ?? 0) > 0 ? 'sending' : 'waiting';
  }

  #opening(): OpeningMarks | null {
    return this.#reused || this.#connection === null ? null : this.#connection.opening;
  }

  #statusError(): AttemptError | null {
    return this.#statusCode === null ? null : statusError(this.#statusCode, this.#headers['location']);
  }

  /** The receiver has said what there is to say: what is wrong with the rest is a remark. */
  #cutOff(remark: string): void {
    this.#remark = remark;
    this.#breakOff(this.#statusError());
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
      remark: this.#remark,
      timedOut: this.#timedOut,
      durationMs: rounded(performance.now() - this.#startedAt),
      timing: timingOf(this.#opening(), this.#requestStartedAt, this.#answeredAt),
      responseHeaders: this.#headers,
      responseBody: this.#body?.text() ?? '',
      responseBodyBytes: cut ? (declaredLength(this.#headers) ?? received) : received,
      retryAfterSeconds:
        statusCode === null ? null : parseRetryAfter(this.#headers['retry-after'], statusCode),
    });
  }
}

function onDeadline(exchange: Exchange): void {
  exchange.expire();
}
