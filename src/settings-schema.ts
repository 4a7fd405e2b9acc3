/** What each setting may be. */
import { z } from 'zod';
import { parseNetwork } from './http/ip-ranges.ts';
import { mailSettings } from './notify/settings.ts';

const number = (min: number, max: number) => {
  const expected = `expected a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, expected)
    .transform(Number)
    .pipe(z.number().min(min, expected).max(max, expected));
};
const count = (fallback: number, min: number, max: number) => number(min, max).default(fallback);
const oneOf = <T extends string>(...values: [T, ...T[]]) =>
  z.enum(values, { error: `expected ${values.map((value) => `"${value}"`).join(' or ')}` });
const matching = (pattern: RegExp, expected: string) => z.string().regex(pattern, `expected ${expected}`);

const MIN_KEY_CHARACTERS = 16;
const apiKey = z.string().min(MIN_KEY_CHARACTERS, `expected at least ${MIN_KEY_CHARACTERS} characters`);
const KEY = `[^\\s,]{${MIN_KEY_CHARACTERS},}`;
const KEY_EXPECTED = `of at least ${MIN_KEY_CHARACTERS} characters, without spaces and commas ("openssl rand -hex 32" makes one)`;
/** Of values with commas between them. */
export const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

const networks = z.string().refine((text) => list(text).every(parseNetwork), {
  error: 'expected addresses and networks with commas between them, such as 10.20.0.0/16,192.168.7.4',
});

const DATABASE_URL_EXPECTED =
  'the URL of a database: postgres://user:password@host:5432/database, with "/", "?", "#" and "%" in the password as %2F, %3F, %23 and %25';

function isDatabaseUrl(text: string): boolean {
  // As pg takes it, a socket's has a user and no host: postgres://user@/database?host=/run/postgresql
  return /^postgres(ql)?:\/\/\S+$/.test(text) && URL.canParse(text.replace('@/', '@socket/'));
}

/** Environment variable → setting. docs/settings.md lists them for people. */
export const schema = z.object({
  PORT: count(8080, 0, 65_535),
  HOST: z.string().default('127.0.0.1'),
  POSTHORN_ROLE: oneOf('all', 'api', 'worker').default('all'),
  POSTHORN_DATA_DIR: z.string().default('.posthorn'),
  POSTHORN_API_KEY: apiKey.optional(),
  POSTHORN_ENV: oneOf('development', 'production').optional(),
  NODE_ENV: z.string().optional(),
  POSTHORN_ALLOWED_NETWORKS: networks.default(''),
  POSTHORN_ALLOW_UNVERIFIED_TLS: oneOf('true', 'false').optional(),
  POSTHORN_EGRESS_PROXY: matching(
    /^http:\/\/(?:[^\s@/]+@)?[^\s@/]+:\d{1,5}\/?$/,
    'the URL of a proxy that takes CONNECT: http://user:password@host:3128',
  ).optional(),
  POSTHORN_EGRESS_PROXY_RESOLVES: oneOf('true', 'false').default('false'),
  POSTHORN_EGRESS_IPS: networks.default(''),
  POSTHORN_ENCRYPTION_KEY: matching(new RegExp(`^${KEY}$`), `a key ${KEY_EXPECTED}`).optional(),
  POSTHORN_ENCRYPTION_KEYS: matching(
    new RegExp(`^\\s*${KEY}(\\s*,\\s*${KEY})*\\s*$`),
    `keys with commas between them, newest first, each ${KEY_EXPECTED}`,
  ).optional(),
  POSTHORN_PROFILES_FILE: z.string().optional(),
  POSTHORN_LOG_LEVEL: oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent').default('info'),
  POSTHORN_TASK_QUEUE: z.string().default('posthorn'),
  POSTHORN_RECEIVER_PORT: number(0, 65_535).optional(),
  DATABASE_URL: z.string().refine(isDatabaseUrl, `expected ${DATABASE_URL_EXPECTED}`).optional(),
  DATABASE_POOL_SIZE: count(10, 2, 200),
  TEMPORAL_ADDRESS: matching(/^\S+:\d{1,5}$/, 'host:port, such as temporal:7233').optional(),
  DISPATCH: oneOf('fast', 'strict').default('fast'),
  BURST_SIZE: count(500, 1, 1000),
  WORKFLOW_STARTS_PER_SECOND: count(20, 1, 1000),
  WORKFLOW_CALL_STACKS: oneOf('true', 'false').default('false'),
  WARM_UP: oneOf('true', 'false').default('true'),
  METRICS_PORT: number(0, 65_535).optional(),
  DASHBOARD_FRAME_ANCESTORS: matching(
    /^(\s*https?:\/\/(\*\.)?[\w.-]+(:(\d{1,5}|\*))?\s*(,|$))*$/,
    'origins with commas between them, such as https://app.example.com,https://*.example.org',
  ).default(''),
  // Whoever may read deliveries of all tenants gets it as it is.
  TEMPORAL_UI_URL: matching(
    /^https?:\/\/[^\s@?#]+$/,
    'a URL without a user, a password and a query, such as https://temporal.example.com',
  ).optional(),
  RETENTION_DAYS: count(30, 1, 3650),
  PAYLOAD_RETENTION_DAYS: number(1, 3650).optional(),
  STATS_RETENTION_DAYS: count(400, 1, 3650),
  AUDIT_RETENTION_DAYS: count(365, 1, 36_500),
  KEY_REQUESTS_PER_SECOND: number(1, 1_000_000).optional(),
  TOKEN_REQUESTS_PER_SECOND: count(50, 1, 1_000_000),
  MAX_CONNECTIONS: count(4000, 10, 100_000),
  MAX_IN_FLIGHT: count(512, 1, 10_000),
  MAX_IN_FLIGHT_PER_ENDPOINT: count(32, 1, 1000),
  ...mailSettings(count),
});
