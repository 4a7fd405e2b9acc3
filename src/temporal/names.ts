import { searchAttributes } from '../../workflows/messages.ts';

/** Names that operators and other SDKs use. */
export const DELIVERY_WORKFLOW = 'delivery';
export const retentionSchedule = (taskQueue: string): string => `${taskQueue}-retention`;
export const statsSchedule = (taskQueue: string): string => `${taskQueue}-stats`;
export const tenantDeletion = (taskQueue: string, tenantId: string): string =>
  `${taskQueue}-delete-tenant-${tenantId}`;
export const replayOf = (taskQueue: string, replayId: string): string => `${taskQueue}-replay-${replayId}`;
export const releaseOf = (taskQueue: string, endpointId: string): string =>
  `${taskQueue}-release-${endpointId}`;
export const attemptsQueue = (taskQueue: string): string => `${taskQueue}-attempts`;
/** Mails have workers of their own: a mail server that hangs keeps no attempt from its turn. */
export const noticesQueue = (taskQueue: string): string => `${taskQueue}-notices`;
export const noticeWorkflow = (taskQueue: string, endpointId: string): string =>
  `${taskQueue}-notify-${endpointId}`;
export const probeWorkflow = (taskQueue: string, endpointId: string): string =>
  `${taskQueue}-probe-${endpointId}`;

const TYPE_NAMES = { KEYWORD: 'Keyword', KEYWORD_LIST: 'KeywordList' } as const;

/** What workflows set, by name: for `temporal server start-dev --search-attribute` and for a real server alike. */
export const SEARCH_ATTRIBUTES: Readonly<Record<string, 'Keyword' | 'KeywordList'>> = Object.fromEntries(
  Object.values(searchAttributes).map(({ name, type }) => [name, TYPE_NAMES[type]]),
);
