import type { AttemptErrorClass, AttemptTrigger, Endpoint, EventRecord, HttpResult } from '../domain.ts';
import { InvalidRequestError, type Sender } from '../http/sender.ts';
import { tlsIdentityOf, type TlsIdentity } from '../http/tls-identity.ts';
import { EXCERPT_CHARS, isGone, type AttemptOutcome } from '../outcome.ts';
import type { Profile, Profiles } from '../profiles/index.ts';
import { renderBody, renderHeaders } from '../profiles/render.ts';
import { maskHeaders } from '../http/mask.ts';
import { NO_TIMING } from '../http/timing.ts';
import type { Rendered } from '../templates/index.ts';
import { USER_AGENT } from '../user-agent.ts';
import type { RetrySchedule } from '../schedule.ts';
import { redacted } from './redact.ts';

/** One signed request and what came back. */
export interface Exchanged {
  outcome: AttemptOutcome;
  result: HttpResult;
  /** As sent, with credentials and the endpoint's own headers masked. */
  requestHeaders: Record<string, string>;
}

export interface ExchangeRequest {
  endpoint: Endpoint;
  event: EventRecord;
  deliveryId: string;
  number: number;
  trigger: AttemptTrigger;
  /** What a template has made of the event. Without: the profile's body is sent. */
  rendered?: Rendered | undefined;
  /** By a connection of its own. */
  fresh?: boolean;
  /** In place of now. */
  signedAt?: Date | undefined;
  /** See SendRequest. */
  mayBegin?: () => boolean;
}

/** Of a probe: the next one is another event. */
const ONCE: RetrySchedule = { delaysSeconds: [0], maxRetries: 0, jitter: 0 };

/** Renders, signs and sends: the timestamp is this attempt's, id and bytes are those of every attempt. */
export async function exchange(
  sender: Sender,
  profiles: Profiles,
  request: ExchangeRequest,
): Promise<Exchanged> {
  const { endpoint, number, trigger } = request;
  const startedAtMs = Date.now();
  const unsendable = unsendableOf(request);
  const { result: answered, headers } =
    unsendable === null
      ? await send(sender, profiles, request, startedAtMs)
      : { result: unsendable, headers: {} };
  const result = redacted(endpoint, answered);
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
    gone: isGone(result.statusCode),
    recorded: false,
    schedule: trigger === 'probe' ? ONCE : endpoint.schedule,
  };
  return { outcome, result, requestHeaders: maskHeaders(headers, endpoint.headers) };
}

/** Why there is nothing to send. */
function unsendableOf({ endpoint, rendered }: ExchangeRequest): HttpResult | null {
  if (endpoint.unreadable !== null)
    return unsent('invalid_request', `Nothing was sent to the endpoint: ${endpoint.unreadable}`);
  if (rendered && 'failure' in rendered)
    return unsent('template', `Nothing was sent, since the endpoint's template failed: ${rendered.failure}`);
  return null;
}

const bodyOf = (profile: Profile, { event, rendered }: ExchangeRequest): string =>
  rendered && 'body' in rendered ? rendered.body : renderBody(profile, event);

/** All that a request carries, secrets in the clear. */
export function headersOf(
  profile: Profile,
  { endpoint, event, deliveryId }: Pick<ExchangeRequest, 'endpoint' | 'event' | 'deliveryId'>,
  body: string,
  attemptTime: Date,
): Record<string, string> {
  const { secret, previousSecrets } = endpoint;
  return {
    'User-Agent': USER_AGENT,
    ...endpoint.headers,
    ...renderHeaders(profile, {
      ...{ event, deliveryId, body, attemptTime, secret, previousSecrets },
      signature: endpoint.signature,
      signingKey: endpoint.signingKey,
    }),
    ...authorization(endpoint),
  };
}

async function send(sender: Sender, profiles: Profiles, request: ExchangeRequest, startedAtMs: number) {
  const { endpoint } = request;
  const profile = profiles.get(endpoint.profile)!;
  const body = bodyOf(profile, request);
  const headers = headersOf(profile, request, body, request.signedAt ?? new Date(startedAtMs));
  try {
    const result = await sender.send({
      tenantId: endpoint.tenantId,
      url: endpoint.url,
      method: endpoint.method,
      headers,
      body,
      timeoutMs: endpoint.timeoutSeconds * 1000,
      verifyTls: endpoint.verifyTls,
      tls: identityOf(endpoint),
      allowedIps: endpoint.allowedIps,
      ...(request.fresh ? { fresh: true } : {}),
      ...(request.mayBegin ? { mayBegin: request.mayBegin } : {}),
    });
    return { result, headers };
  } catch (error) {
    return { result: notSendable(error), headers };
  }
}

/** Checked when it was stored; what OpenSSL takes may have become less since. */
function identityOf(endpoint: Endpoint): TlsIdentity | null {
  try {
    return tlsIdentityOf(endpoint);
  } catch (error) {
    throw new InvalidRequestError(
      `its client certificate or authority cannot be used: ${(error as Error).message}`,
    );
  }
}

/** A copy: a slice would keep the whole body in memory for as long as the outcome is. */
function excerptOf(body: string): string {
  return body.length <= EXCERPT_CHARS ? body : Buffer.from(body.slice(0, EXCERPT_CHARS)).toString('utf8');
}

/** A setting that HTTP cannot express is the endpoint's to mend: a failed attempt, not a fault of ours. */
function notSendable(error: unknown): HttpResult {
  if (!(error instanceof InvalidRequestError)) throw error;
  return unsent('invalid_request', error.message);
}

function unsent(errorClass: AttemptErrorClass, message: string): HttpResult {
  return {
    statusCode: null,
    error: { class: errorClass, message },
    remark: null,
    timedOut: false,
    durationMs: 0,
    timing: NO_TIMING,
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
