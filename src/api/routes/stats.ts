import type { Request, Router } from 'express';
import { z } from 'zod';
import { Problem } from '../../problem.ts';
import { add, noCounts, summaryOf, type Counts } from '../../stats/counts.ts';
import { INTERVALS, MOST_BY_ENDPOINT, rangeOf, type Range } from '../../stats/range.ts';
import { everHadEndpoint } from '../../store/ever-had-endpoint.ts';
import { readStats, type CountedInterval } from '../../store/read-stats.ts';
import type { ApiContext } from '../context.ts';
import { decodeCursor, encodeCursor, limit, param, readQuery, readTenant, time } from '../request.ts';

export const rangeSchema = z.strictObject({
  interval: z.enum(INTERVALS, { error: `must be ${INTERVALS.join(' or ')}` }).default('hour'),
  from: time.optional(),
  to: time.optional(),
});
export const tenantSchema = rangeSchema.extend({
  by: z.enum(['endpoint'], { error: 'must be endpoint' }).optional(),
  limit: limit.unwrap().optional(),
  cursor: z.string().optional(),
});

export function statsRoutes(router: Router, { pool, listPool, endpointStore }: ApiContext): void {
  const base = '/v1/tenants/:tenant';

  router.get(`${base}/endpoints/:id/stats`, async (request, response) => {
    const tenantId = readTenant(request);
    const id = param(request, 'id');
    const range = checked(rangeOf(readQuery(request, rangeSchema), new Date()));
    if (!(await everHadEndpoint(pool, tenantId, id))) throw Problem.notFound('endpoint', id);
    const counted = await readStats(listPool, { tenantId, endpointIds: [id] }, range);
    response.json(statsView(range, counted));
  });

  router.get(`${base}/stats`, async (request, response) => {
    const query = readQuery(request, tenantSchema);
    if (query.by) return response.json(await byEndpoint(request, query));
    for (const name of ['limit', 'cursor'] as const)
      if (query[name] !== undefined) throw Problem.field(name, 'goes with by=endpoint');
    const tenantId = readTenant(request);
    const range = checked(rangeOf(query, new Date()));
    const counted = await readStats(listPool, { tenantId, endpointIds: 'all' }, range);
    response.json(statsView(range, counted));
  });

  /** The endpoints that a page of their list has. */
  async function byEndpoint(request: Request, query: z.infer<typeof tenantSchema>) {
    const range = checked(rangeOf(query, new Date(), MOST_BY_ENDPOINT));
    const after = decodeCursor(query.cursor, 'ep');
    const tenantId = readTenant(request);
    const size = query.limit ?? 50;
    const found = await endpointStore.list(tenantId, size + 1, after);
    const endpointIds = found.slice(0, size).map((endpoint) => endpoint.id);
    const counted = await readStats(listPool, { tenantId, endpointIds }, range);
    const byId = new Map<string, CountedInterval[]>(endpointIds.map((id) => [id, []]));
    for (const part of counted) byId.get(part.endpointId)!.push(part);
    return {
      ...rangeView(range),
      starts: range.starts,
      data: endpointIds.map((id) => endpointView(range, id, byId.get(id)!)),
      next_cursor: found.length > size ? encodeCursor(endpointIds.at(-1)!) : null,
    };
  }
}

function checked(range: ReturnType<typeof rangeOf>): Range {
  if (Array.isArray(range)) throw Problem.invalid(range);
  return range;
}

const rangeView = ({ interval, from, to }: Range) => ({ interval, from, to });

function statsView(range: Range, counted: CountedInterval[]) {
  const { total, byStart } = sums(range, counted);
  return {
    ...rangeView(range),
    total: summaryOf(total),
    data: range.starts.map((start) => ({ start, ...summaryOf(byStart.get(start.getTime())!) })),
  };
}

/** Lists of numbers as `starts` has its times: many endpoints fit on a page. */
function endpointView(range: Range, id: string, counted: CountedInterval[]) {
  const { total, byStart } = sums(range, counted);
  const points = [...byStart.values()];
  return {
    endpoint_id: id,
    total: summaryOf(total),
    attempts: points.map(({ attempts }) => attempts),
    failed: points.map(({ failed }) => failed),
  };
}

/** Of an interval there may be several parts, or none. */
function sums({ starts }: Range, counted: CountedInterval[]) {
  const total = noCounts();
  const byStart = new Map<number, Counts>(starts.map((start) => [start.getTime(), noCounts()]));
  for (const part of counted) {
    add(total, part);
    const sum = byStart.get(part.startsAt.getTime());
    if (sum) add(sum, part);
  }
  return { total, byStart };
}
