import type { AttemptTrigger, Endpoint, EventRecord, HttpResult } from '../domain.ts';
import { InvalidRequestError, type Sender } from '../http/sender.ts';
import type { AttemptOutcome } from '../outcome.ts';
import type { Profiles } from '../profiles/index.ts';
import { renderBody, renderHeaders } from '../profiles/render.ts';
import { maskHeaders } from '../http/mask.ts';

/** One signed request and what came back. */
export interface Exchange {
  outcome: AttemptOutcome;
  result: HttpResult;
  /** As sent, with credentials masked. */
  requestHeaders: Record<string, string>;
}

const EXCERPT_CHARS = 200;
const USER_AGENT = 'Posthorn/0.1';

export interface ExchangeRequest {
  endpoint: Endpoint;
  event: EventRecord;
  deliveryId: string;
  number: number;
  trigger: AttemptTrigger;
}

/** Renders, signs and sends: the timestamp is this attempt's, id and bytes are those of every attempt. */
export async function exchange(
  sender: Sender,
  profiles: Profiles,
  request: ExchangeRequest,
): Promise<Exchange> {
  const { endpoint, event, deliveryId, number, trigger } = request;
  const profile = profiles.get(endpoint.profile)!;
  const startedAtMs = Date.now();
  const body = renderBody(profile, event);
  const headers = {
    'User-Agent': USER_AGENT,
    ...endpoint.headers,
    ...renderHeaders(profile, {
      event,
      deliveryId,
      body,
      attemptTime: new Date(startedAtMs),
      secret: endpoint.secret,
      previousSecrets: endpoint.previousSecrets,
    }),
    ...authorization(endpoint),
  };
  const result = await sender
    .send({
      url: endpoint.url,
      method: endpoint.method,
      headers,
      body,
      timeoutMs: endpoint.timeoutSeconds * 1000,
      verifyTls: endpoint.verifyTls,
      allowedIps: endpoint.allowedIps,
    })
    .catch(notSendable);
  const outcome: AttemptOutcome = {
    kind: 'attempt',
    number,
    trigger,
    succeeded: result.error === null,
    startedAtMs,
    durationMs: result.durationMs,
    statusCode: result.statusCode,
    errorClass: result.error?.class ?? null,
    errorMessage: result.error?.message ?? null,
    excerpt: excerptOf(result.responseBody),
    retryAfterSeconds: result.retryAfterSeconds,
    gone: result.statusCode === 410,
    recorded: false,
    schedule: endpoint.schedule,
  };
  return { outcome, result, requestHeaders: maskHeaders(headers) };
}

/** A copy: a slice would keep the whole body in memory for as long as the outcome is. */
function excerptOf(body: string): string {
  return body.length <= EXCERPT_CHARS ? body : Buffer.from(body.slice(0, EXCERPT_CHARS)).toString('utf8');
}

/** A setting that HTTP cannot express is the endpoint's to mend: a failed attempt, not a fault of ours. */
function notSendable(error: unknown): HttpResult {
  if (!(error instanceof InvalidRequestError)) throw error;
  return {
    statusCode: null,
    error: { class: 'invalid_request', message: error.message },
    durationMs: 0,
    responseHeaders: {},
    responseBody: '',
    responseBodyBytes: 0,
    retryAfterSeconds: null,
  };
}

function authorization(endpoint: Endpoint): Record<string, string> {
  const auth = endpoint.auth;
  if (!auth) return {};
  if (auth.type === 'bearer') return { Authorization: `Bearer ${auth.token}` };
  const credentials = Buffer.from(`${auth.username}:${auth.password}`, 'utf8').toString('base64');
  return { Authorization: `Basic ${credentials}` };
}
