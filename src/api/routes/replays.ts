import type { Request, Router } from 'express';
import { z } from 'zod';
import { checked } from '../../endpoints/input.ts';
import { PATTERN_SCHEMA, patternProblem } from '../../events/pattern.ts';
import { ENDED } from '../../lifecycle.ts';
import { Problem } from '../../problem.ts';
import type { ReplayRequest } from '../../replays/replays.ts';
import { findReplay, listReplays, REPLAY_KINDS, type Replay } from '../../store/replays.ts';
import { replayOf } from '../../temporal/names.ts';
import type { ApiContext } from '../context.ts';
import {
  decodeCursor,
  limit,
  page,
  param,
  perSecond,
  readBody,
  readIdempotencyKey,
  readQuery,
  readTenant,
  time,
} from '../request.ts';

export const createSchema = z.strictObject({
  endpoint_id: z.string().refine((id) => !id.includes('\0'), 'must not contain U+0000'),
  kind: z.enum(REPLAY_KINDS).default('failed'),
  since: time,
  until: time.optional(),
  statuses: z.array(z.enum(ENDED)).min(1, 'must name at least one status').max(ENDED.length).optional(),
  event_types: z
    .array(checked(patternProblem).meta(PATTERN_SCHEMA))
    .min(1, 'must name at least one type or pattern')
    .max(100, 'at most 100 types or patterns')
    .optional(),
  per_second: perSecond.optional(),
  dry_run: z.boolean().default(false),
});
export const listSchema = z.strictObject({
  endpoint_id: z.string().optional(),
  limit,
  cursor: z.string().optional(),
});

export function replayRoutes(router: Router, context: ApiContext): void {
  const { pool, listPool, replays, config } = context;
  const base = '/v1/tenants/:tenant/replays';
  const view = (replay: Replay) => replayView(replay, replayOf(config.taskQueue, replay.id));

  router.post(base, async (request, response) => {
    const tenantId = readTenant(request);
    const key = readIdempotencyKey(request);
    const body = readBody(request, createSchema);
    const wanted: ReplayRequest = {
      endpointId: body.endpoint_id,
      kind: body.kind,
      since: body.since,
      until: body.until ?? null,
      statuses: body.statuses ?? null,
      eventTypes: body.event_types ?? null,
      perSecond: body.per_second ?? null,
    };
    if (!body.dry_run) {
      const begun = await replays.begin(tenantId, wanted, key);
      return void response.status(202).json(view(begun));
    }
    const { filter, total, skipped, isComplete } = await replays.dryRun(tenantId, wanted);
    response.json({
      dry_run: true,
      ...filterView({ ...filter, perSecond: wanted.perSecond }),
      total,
      skipped,
      is_complete: isComplete,
    });
  });

  router.get(base, async (request, response) => {
    const tenantId = readTenant(request);
    const query = readQuery(request, listSchema);
    const beforeId = decodeCursor(query.cursor, 'rpl');
    const endpointId = query.endpoint_id ?? null;
    const rows = await listReplays(listPool, tenantId, { endpointId, limit: query.limit, beforeId });
    response.json(page(rows, query.limit, view, (replay) => replay.id));
  });

  router.get(`${base}/:id`, async (request, response) => {
    const id = param(request, 'id');
    const replay = await findReplay(pool, readTenant(request), id);
    if (!replay) throw Problem.notFound('replay', id);
    response.json(view(replay));
  });

  const order = (name: 'pause' | 'resume' | 'cancel') =>
    router.post(`${base}/:id/${name}`, async (request: Request, response) => {
      response.status(202).json(view(await replays[name](readTenant(request), param(request, 'id'))));
    });
  order('pause');
  order('resume');
  order('cancel');
}

const filterView = (
  replay: Pick<Replay, 'endpointId' | 'kind' | 'since' | 'until' | 'statuses' | 'eventTypes' | 'perSecond'>,
) => ({
  endpoint_id: replay.endpointId,
  kind: replay.kind,
  since: replay.since,
  until: replay.until,
  statuses: replay.statuses,
  event_types: replay.eventTypes,
  per_second: replay.perSecond,
});

/** `done`: of what it made, all that has ended. */
function replayView(replay: Replay, workflowId: string) {
  const { made, open, failed, cancelled } = replay;
  return {
    id: replay.id,
    ...filterView(replay),
    status: replay.status,
    reason: replay.reason,
    total: replay.total,
    done: made - open,
    succeeded: made - open - failed - cancelled,
    failed,
    cancelled,
    open,
    skipped: replay.skipped,
    workflow_id: workflowId,
    created_at: replay.createdAt,
    completed_at: replay.completedAt,
  };
}
