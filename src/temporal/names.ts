/** Names that operators and other SDKs use. */
export const DELIVERY_WORKFLOW = 'delivery';
export const attemptsQueue = (taskQueue: string): string => `${taskQueue}-attempts`;

/** For `temporal server start-dev --search-attribute` and for a real server alike. */
export const SEARCH_ATTRIBUTES = {
  PosthornTenant: 'Keyword',
  PosthornEndpoint: 'KeywordList',
  PosthornEventType: 'KeywordList',
  PosthornOutcome: 'KeywordList',
} as const;
