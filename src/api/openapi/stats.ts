import { z } from 'zod';
import { INTERVALS } from '../../stats/range.ts';
import { rangeSchema, tenantSchema } from '../routes/stats.ts';
import { answer, at, count, cursor, call, type Operation } from './operation.ts';

const tag = 'Statistics';
const range = { interval: z.enum(INTERVALS), from: at, to: at };
const ms = z.number().nullable();
const counts = z.record(z.string(), z.int());

const fields = {
  attempts: count,
  delivered: count,
  failed: count,
  success_rate: z.number().nullable(),
  duration_ms: z.object({ p50: ms, p95: ms, p99: ms }),
  status_codes: counts,
  error_classes: counts,
};
const summary = answer('AttemptSummary', z.object(fields));
const statistics = answer(
  'Statistics',
  z.object({ ...range, total: summary, data: z.array(z.object({ start: at, ...fields })) }),
);
const byEndpoint = answer(
  'StatisticsByEndpoint',
  z.object({
    ...range,
    starts: z.array(at),
    data: z.array(
      z.object({
        endpoint_id: z.string(),
        total: summary,
        attempts: z.array(z.int()).meta({ description: 'A number for each time in `starts`.' }),
        failed: z.array(z.int()),
      }),
    ),
    ...cursor,
  }),
);

export const statsOperations: Operation[] = [
  {
    ...call('getTenantStatistics', 'GET', '/v1/tenants/{tenant}/stats', tag),
    summary: 'Statistics of a tenant',
    description: '`by=endpoint`: of each endpoint of a page; `limit` and `cursor` go with it.',
    query: tenantSchema,
    answers: {
      200: {
        description: 'What the attempts came to.',
        content: answer('TenantStatistics', z.union([statistics, byEndpoint])),
      },
    },
  },
  {
    ...call('getEndpointStatistics', 'GET', '/v1/tenants/{tenant}/endpoints/{id}/stats', tag),
    summary: 'Statistics of an endpoint',
    description: 'Also of one that was deleted.',
    query: rangeSchema,
    answers: { 200: { description: 'What the attempts came to.', content: statistics } },
  },
];
