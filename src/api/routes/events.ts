import type { Router } from 'express';
import { z } from 'zod';
import { compactJson, ENVIRONMENTS, parseEventInput, type EventInput } from '../../accept/event-input.ts';
import type { Accepted } from '../../accept/accept.ts';
import type { Environment } from '../../domain.ts';
import { Problem } from '../../problem.ts';
import { findEvent, listEvents } from '../../store/list-events.ts';
import type { ApiContext } from '../context.ts';
import { problemDocument, toProblem } from '../errors.ts';
import {
  decodeCursor,
  limit,
  page,
  param,
  readBody,
  readIdempotencyKey,
  readQuery,
  readTenant,
  time,
} from '../request.ts';
import { eventView } from '../views.ts';

const batchSchema = z.strictObject({
  events: z
    .array(z.unknown())
    .min(1, 'must hold at least one event')
    .max(1000, 'must hold at most 1000 events'),
});

const listSchema = z.strictObject({
  type: z.string().optional(),
  environment: z.enum(ENVIRONMENTS).optional(),
  since: time.optional(),
  until: time.optional(),
  limit,
  cursor: z.string().optional(),
});

const isIsoTime = (text: string): boolean =>
  !Number.isNaN(Date.parse(text)) && new Date(text).toISOString() === text;

const acceptedView = (accepted: Accepted) => ({ id: accepted.id, delivery_ids: accepted.deliveryIds });

function parseOne(event: unknown, prefix: string): EventInput | Problem {
  try {
    return parseEventInput(event, prefix);
  } catch (error) {
    return toProblem(error);
  }
}

export function eventRoutes(router: Router, { acceptor, pool, log }: ApiContext): void {
  const base = '/v1/tenants/:tenant/events';

  router.post(base, async (request, response) => {
    const tenantId = readTenant(request);
    const key = readIdempotencyKey(request);
    const body: unknown = request.body;
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw new Problem(400, 'Malformed request', 'The body must be a JSON object.');
    }
    const input = parseEventInput(body, '');
    const idempotency = key === null ? undefined : { key, body: JSON.stringify(body) };
    const accepted = await acceptor.publish(tenantId, input, idempotency);
    response.status(accepted.created ? 202 : 200).json(acceptedView(accepted));
  });

  router.post(`${base}/batch`, async (request, response) => {
    const tenantId = readTenant(request);
    const key = readIdempotencyKey(request);
    const { events } = readBody(request, batchSchema);
    const whole = key === null ? '' : compactJson(events, 'events');
    const inputs = events.map((event, index) => parseOne(event, `events[${index}].`));
    const valid = inputs.filter((input): input is EventInput => !(input instanceof Problem));
    const publish = (input: EventInput) =>
      publishOne(tenantId, input, key === null ? undefined : `${key}/${valid.indexOf(input)}`, whole);
    // The first key stands for the whole request: used for another one, nothing of this one is taken.
    const first = key !== null && valid[0] ? await publish(valid[0]) : null;
    if (first instanceof Problem && first.errors[0]?.path === 'Idempotency-Key') {
      throw Problem.field(
        'Idempotency-Key',
        `"${key}" was used for another request: a new request needs a new key`,
      );
    }
    const results = await Promise.all(
      inputs.map((input) => {
        if (input instanceof Problem) return input;
        return input === valid[0] && first && !(first instanceof Problem) ? first : publish(input);
      }),
    );
    response.status(202).json({
      results: results.map((result) =>
        result instanceof Problem ? { error: problemDocument(result) } : acceptedView(result),
      ),
    });
  });

  async function publishOne(
    tenantId: string,
    input: EventInput,
    key: string | undefined,
    body: string,
  ): Promise<Accepted | Problem> {
    try {
      return await acceptor.publish(tenantId, input, key === undefined ? undefined : { key, body });
    } catch (error) {
      const problem = toProblem(error);
      if (problem.status === 500) log.error({ err: error }, 'an event of a batch could not be accepted');
      return problem;
    }
  }

  router.get(base, async (request, response) => {
    const tenantId = readTenant(request);
    const query = readQuery(request, listSchema);
    const position = decodeCursor(query.cursor, 2);
    const before = position && { createdAt: position[0]!, id: position[1]! };
    if (before && !isIsoTime(before.createdAt)) throw Problem.field('cursor', 'is not a cursor of this list');
    const filter = { ...query, environment: query.environment as Environment | undefined };
    const rows = await listEvents(pool, tenantId, filter, query.limit + 1, before);
    response.json(page(rows, query.limit, eventView, (event) => [event.createdAt.toISOString(), event.id]));
  });

  router.get(`${base}/:id`, async (request, response) => {
    const id = param(request, 'id');
    const event = await findEvent(pool, readTenant(request), id);
    if (!event) throw Problem.notFound('event', id);
    response.json(eventView(event));
  });
}
