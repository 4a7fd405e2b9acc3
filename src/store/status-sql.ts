import { OPEN, type DeliveryStatus } from '../lifecycle.ts';

/**
 * Statuses as SQL text. Literals, not parameters: the partial indexes name them so, and a statement finds its index
 * only if it does, too.
 */
export const statusList = (statuses: readonly DeliveryStatus[]): string =>
  `(${statuses.map((status) => `'${status}'`).join(', ')})`;

/** What somebody attends to. */
export const OPEN_LIST = statusList(OPEN);
