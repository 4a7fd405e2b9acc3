/** An event belongs to one of them, and an endpoint chooses of which it gets events. */
export const ENVIRONMENTS = ['production', 'staging', 'development'] as const;
