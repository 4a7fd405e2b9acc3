/** Why an attempt that got no 2xx in time failed. `http` covers every answer outside 2xx and 3xx. */
export const ERROR_CLASSES = [
  'http',
  'redirect',
  'timeout',
  'dns',
  'connection',
  'tls',
  'blocked_address',
  'invalid_response',
  'invalid_request',
  'template',
] as const;

export type AttemptErrorClass = (typeof ERROR_CLASSES)[number];
