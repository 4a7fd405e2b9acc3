import { OPEN } from '../lifecycle.ts';
import { statusList } from './status-sql.ts';

/**
 * What may still be delivered, as rows of `columns`, out of `table` (deliveries, or one of its partitions). Each branch
 * has a partial index of its own, in which nothing is that has ended. `also` begins with AND.
 */
export function openDeliveries(table: string, columns: string, also = ''): string {
  return [
    `workflow_id IS NULL AND claimed_by IS NULL AND status IN ${statusList(OPEN)}`,
    `workflow_id IS NULL AND claimed_by IS NOT NULL AND status IN ${statusList(OPEN)}`,
    `workflow_id IS NOT NULL AND status IN ${statusList(OPEN)}`,
    `status = 'held'`,
  ]
    .map((is) => `SELECT ${columns} FROM ${table} WHERE ${is} ${also}`)
    .join(' UNION ALL ');
}
