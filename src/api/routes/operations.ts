import type { Router } from 'express';
import { z } from 'zod';
import { INTERVALS, type Interval } from '../../stats/range.ts';
import {
  FAILING_POSITION,
  listFailingEndpoints,
  parseFailingPosition,
  type ListedFailing,
} from '../../store/list-failing-endpoints.ts';
import { COUNT_LIMIT, readOperations, type OperationsNow } from '../../store/operations-now.ts';
import { readTenantVolumes } from '../../store/tenant-volumes.ts';
import { atMostEvery } from '../at-most-every.ts';
import type { ApiContext } from '../context.ts';
import { decodePosition, encodeCursor, limit, MAX_LIMIT, readQuery } from '../request.ts';

export const failingSchema = z.strictObject({ limit, cursor: z.string().optional() });
export const volumesSchema = z.strictObject({
  interval: z.enum(INTERVALS, { error: `must be ${INTERVALS.join(' or ')}` }).default('hour'),
  limit,
});

/** However many look, and however often: the tables are read this seldom. */
const READ_EVERY_MS = 2_000;

/** For those who run the deployment: how it does, over all tenants. */
export function operationsRoutes(router: Router, { config, listPool, temporal }: ApiContext): void {
  const read = atMostEvery(READ_EVERY_MS, () => readOperations(listPool));
  const volumes = (interval: Interval) =>
    atMostEvery(READ_EVERY_MS, () => readTenantVolumes(listPool, interval, MAX_LIMIT));
  const volumesPer = { hour: volumes('hour'), day: volumes('day') };

  router.get('/v1/operations', async (_request, response) => {
    response.json(operationsView(await read(), temporal() !== null));
  });

  router.get('/v1/operations/failing-endpoints', async (request, response) => {
    const query = readQuery(request, failingSchema);
    const position = decodePosition(query.cursor, FAILING_POSITION);
    const before = position === null ? null : parseFailingPosition(position);
    const { rows, end } = await listFailingEndpoints(listPool, query.limit, before);
    response.json({ data: rows.map(failingView), next_cursor: end === null ? null : encodeCursor(end) });
  });

  router.get('/v1/operations/tenants', async (request, response) => {
    const { interval, limit: size } = readQuery(request, volumesSchema);
    const { since, isComplete, rows } = await volumesPer[interval]();
    const data = rows.slice(0, size).map(({ tenantId, ...row }) => ({ tenant_id: tenantId, ...row }));
    response.json({ interval, since, is_complete: isComplete, data });
  });

  router.get('/v1/settings', (_request, response) => {
    const data = config.settings.map(({ name, value, isSet, isHidden }) => ({
      ...{ name, value },
      ...{ is_set: isSet, is_hidden: isHidden },
    }));
    const startedAt = new Date(Date.now() - process.uptime() * 1000);
    response.json({ process: { role: config.role, node: process.version, started_at: startedAt }, data });
  });
}

function operationsView(
  { at, backlog, lanes, work, failingEndpoints, workers }: OperationsNow,
  isConnected: boolean,
) {
  return {
    at,
    counted_to: COUNT_LIMIT,
    temporal: { connected: isConnected },
    backlog: {
      deliveries: backlog.waiting,
      oldest_seconds: backlog.oldestSeconds,
      overdue_retries: backlog.overdue,
    },
    lanes: {
      deliveries: lanes.deliveries,
      oldest_seconds: lanes.oldestSeconds,
      lanes: lanes.lanes,
      overdue: lanes.overdue,
    },
    failing_endpoints: failingEndpoints,
    replays: { running: work.replaysRunning, paused: work.replaysPaused },
    releases: work.releases,
    notifications_waiting: work.noticesWaiting,
    workers: workers.map(({ id, role, startedAt, silentSeconds }) => ({
      ...{ id, role },
      started_at: startedAt,
      silent_seconds: silentSeconds,
    })),
  };
}

function failingView(failing: ListedFailing) {
  const { lastErrorClass, lastErrorMessage } = failing;
  return {
    tenant_id: failing.tenantId,
    endpoint_id: failing.endpointId,
    name: failing.name,
    url: failing.url,
    failing_since: failing.since,
    last_failure_at: failing.lastFailureAt,
    last_status_code: failing.lastStatusCode,
    last_error: lastErrorClass === null ? null : { class: lastErrorClass, message: lastErrorMessage },
    is_warned: failing.isWarned,
    next_step_at: failing.nextStepAt,
  };
}
