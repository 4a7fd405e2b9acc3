import type { Router } from 'express';
import type { IncomingMessage } from 'node:http';
import { ENVIRONMENTS } from '../../events/environments.ts';
import { z } from 'zod';
import { createBatchOrder, type BatchTurn } from '../../accept/batch-order.ts';
import { parseEventInput, parsePublisher, type EventInput } from '../../accept/event-input.ts';
import type { Accepted, Acceptor } from '../../accept/accept.ts';
import { batchIdempotency, eventIdempotency, meaningOf, type Idempotency } from '../../accept/idempotency.ts';
import type { Environment } from '../../domain.ts';
import { Problem } from '../../problem.ts';
import { findEvent, listEvents } from '../../store/list-events.ts';
import type { ApiContext } from '../context.ts';
import { problemDocument, toProblem } from '../errors.ts';
import {
  decodeCursor,
  limit,
  encodeCursor,
  param,
  readBody,
  readIdempotencyKey,
  readQuery,
  readTenant,
  time,
} from '../request.ts';
import { eventView } from '../views.ts';

export const batchSchema = z.strictObject({
  events: z
    .array(z.unknown())
    .min(1, 'must hold at least one event')
    .max(1000, 'must hold at most 1000 events'),
});

export const listSchema = z.strictObject({
  type: z.string().optional(),
  environment: z.enum(ENVIRONMENTS).optional(),
  since: time.optional(),
  until: time.optional(),
  limit,
  cursor: z.string().optional(),
});

const acceptedView = (accepted: Accepted) => ({ id: accepted.id, delivery_ids: accepted.deliveryIds });

function parseOne(event: unknown, prefix: string): EventInput | Problem {
  try {
    return parseEventInput(event, prefix);
  } catch (error) {
    return toProblem(error);
  }
}

/** Events that are not valid count as they were written. */
const meaningOfAll = (events: unknown[], inputs: (EventInput | Problem)[]): string =>
  inputs
    .map((input, index) => (input instanceof Problem ? JSON.stringify(events[index]) : meaningOf(input)))
    .join('\n');

/** One event, from wherever its request was read (publish.ts). */
export async function publishEvent(
  acceptor: Acceptor,
  tenantId: string,
  request: IncomingMessage,
  event: unknown,
): Promise<{ status: number; body: object }> {
  const key = readIdempotencyKey(request);
  if (typeof event !== 'object' || event === null || Array.isArray(event))
    throw new Problem('malformed_request', 'The body must be a JSON object.');
  const input = parseEventInput(event, '');
  const idempotency = key === null ? undefined : eventIdempotency(key, input);
  const accepted = await acceptor.publish(parsePublisher(tenantId), input, idempotency);
  return { status: accepted.created ? 202 : 200, body: acceptedView(accepted) };
}

export function eventRoutes(router: Router, { acceptor, pool, listPool, log }: ApiContext): void {
  const base = '/v1/tenants/:tenant/events';

  router.post(base, async (request, response) => {
    const { status, body } = await publishEvent(acceptor, readTenant(request), request, request.body);
    response.status(status).json(body);
  });

  router.post(`${base}/batch`, async (request, response) => {
    const tenantId = parsePublisher(readTenant(request));
    const key = readIdempotencyKey(request);
    const { events } = readBody(request, batchSchema);
    const inputs = events.map((event, index) => parseOne(event, `events[${index}].`));
    const whole = key === null ? '' : meaningOfAll(events, inputs);
    const turns = createBatchOrder(inputs.length);
    inputs.forEach((input, index) => input instanceof Problem && turns[index]!.over());
    const publish = (input: EventInput | Problem, index: number) => {
      const idempotency = key === null ? undefined : batchIdempotency(key, index, whole);
      return publishOne(tenantId, input, idempotency, turns[index]!);
    };
    // The first one's key stands for the whole request: used for another one, nothing of this one is taken.
    const firstIndex = inputs.findIndex((input) => !(input instanceof Problem));
    const first = key !== null && firstIndex >= 0 ? await publish(inputs[firstIndex]!, firstIndex) : null;
    if (first instanceof Problem && first.errors[0]?.path === 'Idempotency-Key') throw first;
    const results = await Promise.all(
      inputs.map((input, index) =>
        index === firstIndex && first && !(first instanceof Problem) ? first : publish(input, index),
      ),
    );
    const accepted = results.filter((result): result is Accepted => !(result instanceof Problem));
    const isRepeat = accepted.length > 0 && accepted.every(({ created }) => !created);
    response.status(isRepeat ? 200 : 202).json({
      results: results.map((result) =>
        result instanceof Problem ? { error: problemDocument(result) } : acceptedView(result),
      ),
    });
  });

  async function publishOne(
    tenantId: string,
    input: EventInput | Problem,
    idempotency: Idempotency | undefined,
    turn: BatchTurn,
  ): Promise<Accepted | Problem> {
    if (input instanceof Problem) return input;
    try {
      return await acceptor.publish(tenantId, input, idempotency, turn);
    } catch (error) {
      const problem = toProblem(error);
      if (problem.status === 500) log.error({ err: error }, 'an event of a batch could not be accepted');
      return problem;
    }
  }

  router.get(base, async (request, response) => {
    const tenantId = readTenant(request);
    const query = readQuery(request, listSchema);
    const before = decodeCursor(query.cursor, 'evt');
    const filter = { ...query, environment: query.environment as Environment | undefined };
    const found = await listEvents(listPool, tenantId, filter, query.limit, before);
    response.json({ data: found.rows.map(eventView), next_cursor: found.end && encodeCursor(found.end) });
  });

  router.get(`${base}/:id`, async (request, response) => {
    const id = param(request, 'id');
    const event = await findEvent(pool, readTenant(request), id);
    if (!event) throw Problem.notFound('event', id);
    response.json(eventView(event));
  });
}
