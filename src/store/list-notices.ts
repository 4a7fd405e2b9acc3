import { conditions, queryPage, type Page } from './list-page.ts';
import { NOTICE_COLUMNS, type Notice, type NoticeKind, type NoticeStatus } from './notices.ts';
import type { Queryable } from './pool.ts';

export interface NoticeFilter {
  endpointId?: string;
  kinds?: NoticeKind[];
  statuses?: NoticeStatus[];
}

/** Newest first, before `beforeId`; of one tenant, or of all. */
export function listNotices(
  db: Queryable,
  tenantId: string | null,
  filter: NoticeFilter,
  limit: number,
  beforeId: string | null,
): Promise<Page<Notice>> {
  const values: unknown[] = [];
  const indexed = [
    ...(tenantId === null ? ['true'] : []),
    ...conditions(values, [
      ['tenant_id = ?', tenantId],
      ['endpoint_id = ?', filter.endpointId],
      ['id < ?', beforeId],
    ]),
  ];
  const indexedValues = values.length;
  const rest = conditions(values, [
    ['kind = ANY (?)', filter.kinds],
    ['status = ANY (?)', filter.statuses],
  ]);
  const columns = NOTICE_COLUMNS.replaceAll('n.', '');
  return queryPage(db, {
    table: 'notices',
    order: ['id'],
    columns,
    indexed,
    rest,
    values,
    indexedValues,
    limit,
  });
}
