/** Whether an endpoint works: asked before it is made, or afterwards. */
import type { Response, Router } from 'express';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { parseEventInput } from '../../accept/event-input.ts';
import type { Exchanged } from '../../dispatch/exchange.ts';
import { flawed, FLAWS } from '../../dispatch/flawed.ts';
import { inWords, isRefusal, refusalInWords } from '../../dispatch/in-words.ts';
import { createTenantSeats } from '../../tenant-seats.ts';
import type { Endpoint } from '../../domain.ts';
import { createEndpointSchema } from '../../endpoints/input.ts';
import { Problem } from '../../problem.ts';
import { listAttempts, type LoggedAttempt } from '../../store/list-attempts.ts';
import type { ApiContext } from '../context.ts';
import { previewOf } from '../preview.ts';
import { param, readBody, readTenant } from '../request.ts';
import { attemptView } from '../views.ts';

const eventFields = { type: z.string().optional(), data: z.unknown().optional().meta({ type: 'object' }) };
export const testSchema = z.strictObject({ ...eventFields, wait: z.boolean().default(false) });
export const trySchema = createEndpointSchema.extend(eventFields);

export const secretTestSchema = z.strictObject({ flaw: z.enum(FLAWS).nullable().default(null) });

/** Beyond the endpoint's own time limit: for its turn, and until it is written. */
const MORE_MS = 5_000;
const FIRST_LOOK_MS = 20;
const LOOK_EVERY_MS = 500;
/** Characters of an answer to a trial. */
const SHOWN_CHARS = 2_000;

export function testRoutes(router: Router, context: ApiContext): void {
  const { endpointStore, acceptor, catalogue, profiles, trials, pool } = context;
  const base = '/v1/tenants/:tenant/endpoints';
  const beginWaiting = createTenantSeats({ each: 5, all: 100, rate: null });

  router.post(`${base}/try`, async (request, response) => {
    const { type, data, ...settings } = readBody(request, trySchema);
    const endpoint = await trials.endpointOf(readTenant(request), settings);
    const event = await catalogue.testEvent(endpoint, type, data);
    const made = await trials.run(endpoint, parseEventInput(event, ''));
    response.json({
      verdict: inWords({ ...made.outcome, ...made.result }),
      attempt: trialView(endpoint, made),
    });
  });

  router.post(`${base}/preview`, async (request, response) => {
    const { type, data, ...settings } = readBody(request, trySchema);
    const endpoint = await trials.endpointOf(readTenant(request), settings);
    const event = await catalogue.testEvent(endpoint, type, data);
    response.json(await previewOf(context, endpoint, parseEventInput(event, '')));
  });

  router.post(`${base}/:id/test`, async (request, response) => {
    const [tenantId, id] = [readTenant(request), param(request, 'id')];
    const endpoint = await endpointStore.find(tenantId, id);
    if (!endpoint) throw Problem.notFound('endpoint', id);
    if (!endpoint.enabled) throw new Problem('endpoint_disabled', 'Enable the endpoint before you test it.');
    if (request.body === undefined) request.body = {};
    const { type, data, wait } = readBody(request, testSchema);
    const input = parseEventInput(await catalogue.testEvent(endpoint, type, data), '');
    const end = wait ? beginWaiting(tenantId) : null;
    try {
      const accepted = await acceptor.publishTest(endpoint, input);
      const deliveryId = accepted.deliveryIds[0]!;
      const made = { event_id: accepted.id, delivery_id: deliveryId };
      if (!wait) return response.status(202).json(made);
      const limitMs = endpoint.timeoutSeconds * 1000 + MORE_MS;
      const attempt = await firstAttempt(tenantId, deliveryId, limitMs, goneSignal(response));
      return response.status(attempt ? 200 : 202).json({ ...made, ...testView(attempt, limitMs) });
    } finally {
      end?.();
    }
  });

  router.post(`${base}/:id/secret/test`, async (request, response) => {
    const [tenantId, id] = [readTenant(request), param(request, 'id')];
    const endpoint = await endpointStore.find(tenantId, id);
    if (!endpoint) throw Problem.notFound('endpoint', id);
    if (request.body === undefined) request.body = {};
    const { flaw } = readBody(request, secretTestSchema);
    const alone = { ...endpoint, previousSecrets: [] };
    const wrong = flaw && flawed(alone, profiles.get(endpoint.profile)!, flaw);
    const event = parseEventInput(await catalogue.testEvent(endpoint, undefined, undefined), '');
    const made = await trials.run(wrong?.endpoint ?? alone, event, wrong?.signedAt);
    const outcome = { ...made.outcome, ...made.result };
    response.json({
      verdict: flaw ? refusalInWords(outcome, flaw) : inWords(outcome),
      ...(flaw && { refused: isRefusal(outcome) }),
      attempt: trialView(endpoint, made),
    });
  });

  /** Whichever process makes it. Null when there is none by then, or nobody waits for it any more. */
  async function firstAttempt(
    tenantId: string,
    deliveryId: string,
    limitMs: number,
    gone: AbortSignal,
  ): Promise<LoggedAttempt | null> {
    const untilMs = performance.now() + limitMs;
    for (let pauseMs = FIRST_LOOK_MS; !gone.aborted; pauseMs = Math.min(pauseMs * 1.5, LOOK_EVERY_MS)) {
      await sleep(pauseMs);
      const [attempt] = await listAttempts(pool, tenantId, deliveryId);
      if (attempt) return attempt;
      if (performance.now() > untilMs) break;
    }
    return null;
  }
}

function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return gone.signal;
}

function testView(attempt: LoggedAttempt | null, limitMs: number) {
  if (attempt) return { verdict: inWords(attempt), attempt: attemptView(attempt) };
  const verdict =
    `Not attempted within ${Math.round(limitMs / 1000)} s: it waits behind other deliveries, or for the endpoint's rate limit, or no worker runs. ` +
    'Look at the delivery later.';
  return { verdict, attempt: null };
}

/** As its log would have it, with less of the answer. */
function trialView({ url, method }: Endpoint, { outcome, result, requestHeaders }: Exchanged) {
  const { number, trigger, startedAtMs, durationMs, statusCode } = outcome;
  const { errorClass, errorMessage, retryAfterSeconds } = outcome;
  const responseBody = result.responseBody.slice(0, SHOWN_CHARS);
  const view = attemptView({
    ...{ number, trigger, startedAt: new Date(startedAtMs), durationMs, ...result.timing, statusCode },
    ...{ errorClass, errorMessage, remark: result.remark, retryAfterSeconds, url, method, requestHeaders },
    ...{ responseHeaders: result.responseHeaders, responseBody },
    responseBodyBytes: result.responseBodyBytes,
  });
  const truncated = view.response.truncated || responseBody.length < result.responseBody.length;
  return { ...view, response: { ...view.response, truncated } };
}
