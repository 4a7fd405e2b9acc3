import { z } from 'zod';
import { resolve } from 'node:path';

const count = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

/** Environment variable → setting. docs/settings.md lists them for people. */
const schema = z.object({
  PORT: count(8080, 0, 65_535),
  HOST: z.string().default('127.0.0.1'),
  POSTHORN_ROLE: z.enum(['all', 'api', 'worker']).default('all'),
  POSTHORN_DATA_DIR: z.string().default('.posthorn'),
  POSTHORN_API_KEY: z.string().min(16, 'must have at least 16 characters').optional(),
  POSTHORN_ENV: z.enum(['development', 'production']).optional(),
  NODE_ENV: z.string().optional(),
  POSTHORN_ALLOWED_NETWORKS: z.string().default(''),
  POSTHORN_ENCRYPTION_KEY: z.string().min(16, 'must have at least 16 characters').optional(),
  POSTHORN_PROFILES_FILE: z.string().optional(),
  POSTHORN_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  POSTHORN_TASK_QUEUE: z.string().min(1).default('posthorn'),
  POSTHORN_RECEIVER_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  DATABASE_URL: z.string().optional(),
  DATABASE_POOL_SIZE: count(10, 2, 200),
  TEMPORAL_ADDRESS: z.string().optional(),
  DISPATCH: z.enum(['fast', 'strict']).default('fast'),
  BURST_SIZE: count(500, 1, 1000),
  WORKFLOW_STARTS_PER_SECOND: count(20, 1, 1000),
  WORKFLOW_CALL_STACKS: z.enum(['true', 'false']).default('false'),
  MAX_IN_FLIGHT: count(512, 1, 10_000),
  MAX_IN_FLIGHT_PER_ENDPOINT: count(32, 1, 1000),
});

export interface Config {
  port: number;
  host: string;
  role: 'all' | 'api' | 'worker';
  dataDir: string;
  apiKey: string | null;
  env: 'development' | 'production';
  allowedNetworks: string[];
  encryptionKey: string | null;
  profilesFile: string | null;
  logLevel: string;
  taskQueue: string;
  receiverPort: number | null;
  databaseUrl: string | null;
  databasePoolSize: number;
  temporalAddress: string | null;
  dispatch: 'fast' | 'strict';
  /** Deliveries that may ride in one workflow; 1 = a workflow each, always. */
  burstSize: number;
  workflowStartsPerSecond: number;
  workflowCallStacks: boolean;
  maxInFlight: number;
  maxInFlightPerEndpoint: number;
}

/** Reads the settings from the environment; throws one Error that names every setting that is wrong. */
export function loadConfig(environment: NodeJS.ProcessEnv): Config {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(present);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`These settings are wrong:\n${problems.join('\n')}`);
  }
  const e = parsed.data;
  return {
    port: e.PORT,
    host: e.HOST,
    role: e.POSTHORN_ROLE,
    dataDir: resolve(e.POSTHORN_DATA_DIR),
    apiKey: e.POSTHORN_API_KEY ?? null,
    env: e.POSTHORN_ENV ?? (e.NODE_ENV === 'production' ? 'production' : 'development'),
    allowedNetworks: e.POSTHORN_ALLOWED_NETWORKS.split(',')
      .map((network) => network.trim())
      .filter(Boolean),
    encryptionKey: e.POSTHORN_ENCRYPTION_KEY ?? null,
    profilesFile: e.POSTHORN_PROFILES_FILE ?? null,
    logLevel: e.POSTHORN_LOG_LEVEL,
    taskQueue: e.POSTHORN_TASK_QUEUE,
    receiverPort: e.POSTHORN_RECEIVER_PORT ?? null,
    databaseUrl: e.DATABASE_URL ?? null,
    databasePoolSize: e.DATABASE_POOL_SIZE,
    temporalAddress: e.TEMPORAL_ADDRESS ?? null,
    dispatch: e.DISPATCH,
    burstSize: e.BURST_SIZE,
    workflowStartsPerSecond: e.WORKFLOW_STARTS_PER_SECOND,
    workflowCallStacks: e.WORKFLOW_CALL_STACKS === 'true',
    maxInFlight: e.MAX_IN_FLIGHT,
    maxInFlightPerEndpoint: e.MAX_IN_FLIGHT_PER_ENDPOINT,
  };
}
