import type { Router } from 'express';
import { z } from 'zod';
import { ERROR_CLASSES } from '../../error-classes.ts';
import { Problem } from '../../problem.ts';
import { everHadEndpoint } from '../../store/ever-had-endpoint.ts';
import { listEndpointAttempts, parsePosition, type StatusRange } from '../../store/list-endpoint-attempts.ts';
import type { ApiContext } from '../context.ts';
import {
  commaSeparated,
  decodePosition,
  encodeCursor,
  limit,
  listOf,
  readQuery,
  readTenant,
  time,
} from '../request.ts';
import { listedAttemptView } from '../views.ts';

/** `404`, or `4xx` for all of a kind. */
const statusCodes = z
  .string()
  .meta(commaSeparated({ type: 'string', pattern: '^[1-9](xx|[0-9]{2})$', examples: ['503', '5xx'] }))
  .transform((text, context) =>
    text.split(',').map((part): StatusRange => {
      if (/^[1-9]xx$/.test(part)) return [Number(part[0]) * 100, Number(part[0]) * 100 + 99];
      if (/^[1-9]\d\d$/.test(part)) return [Number(part), Number(part)];
      context.addIssue({ code: 'custom', message: 'must be one or several status codes such as 503 or 5xx' });
      return z.NEVER;
    }),
  );

export const listSchema = z.strictObject({
  endpoint_id: z.string(),
  status_code: statusCodes.optional(),
  error_class: listOf(ERROR_CLASSES).optional(),
  since: time.optional(),
  until: time.optional(),
  limit,
  cursor: z.string().optional(),
});

const POSITION = /^\d{1,15} dlv_[0-9a-z]{1,64} \d{1,9}$/;

export function attemptRoutes(router: Router, { pool, listPool }: ApiContext): void {
  router.get('/v1/tenants/:tenant/attempts', async (request, response) => {
    const tenantId = readTenant(request);
    const query = readQuery(request, listSchema);
    const { endpoint_id: endpointId, status_code: statuses, error_class: errorClasses, since, until } = query;
    const position = decodePosition(query.cursor, POSITION);
    if (!(await everHadEndpoint(pool, tenantId, endpointId)))
      throw Problem.field('endpoint_id', `there is no endpoint "${endpointId}" here, and there was none`);
    const found = await listEndpointAttempts(
      listPool,
      tenantId,
      { endpointId, statuses, errorClasses, since, until },
      query.limit,
      position === null ? null : parsePosition(position),
    );
    response.json({
      data: found.rows.map((row) => listedAttemptView(row, endpointId)),
      next_cursor: found.end && encodeCursor(found.end),
    });
  });
}
