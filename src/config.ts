import { resolve } from 'node:path';
import type { z } from 'zod';
import { effectiveSettings, withoutCredentials, type EffectiveSetting } from './effective-settings.ts';
import { parseEgressProxy, type EgressProxy } from './http/egress-proxy.ts';
import { mailSettingsOf, missingForMail, type MailConfig } from './notify/settings.ts';
import { list, schema } from './settings-schema.ts';

/** Shown instead of the value in errors: logs are kept. */
const SECRET_SETTINGS = new Set([
  'POSTHORN_API_KEY',
  'POSTHORN_ENCRYPTION_KEY',
  'POSTHORN_ENCRYPTION_KEYS',
  'DATABASE_URL',
  'POSTHORN_EGRESS_PROXY',
  'SMTP_URL',
]);

export interface Config {
  port: number;
  host: string;
  role: 'all' | 'api' | 'worker';
  dataDir: string;
  apiKey: string | null;
  env: 'development' | 'production';
  allowedNetworks: string[];
  /** What every connection to an endpoint goes through; null: straight. */
  egressProxy: EgressProxy | null;
  /** Where deliveries come from, for customers' firewalls. */
  egressIps: string[];
  /** Whether endpoints may be set to `verify_tls: false`. */
  allowUnverifiedTls: boolean;
  /** What secrets are sealed with: the first one seals, all of them open. Empty: stored as they are (development). */
  encryptionKeys: string[];
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
  /** Rehearse before the API takes its first request: half a second of the start, for a quicker first publish. */
  warmUp: boolean;
  /** Days after which events, deliveries and attempts are dropped. */
  retentionDays: number;
  /** Days after which events' data and answers are; null: with the rest. */
  payloadRetentionDays: number | null;
  /** Days after which statistics are deleted. */
  statsRetentionDays: number;
  /** Days after which the audit log is deleted. */
  auditRetentionDays: number;
  /** Origins of pages that may show /embed in a frame. */
  frameAncestors: string[];
  /** Where operators look at workflows; null: that of the server we start ourselves, if any. */
  temporalUiUrl: string | null;
  /** Null: metrics are on the API's port only. */
  metricsPort: number | null;
  /** Of an API key, by process; null: as many as come. */
  keyRequestsPerSecond: number | null;
  /** Of a tenant's tokens together, by process. */
  tokenRequestsPerSecond: number;
  /** To the API, at a time. */
  maxConnections: number;
  maxInFlight: number;
  maxInFlightPerEndpoint: number;
  mail: MailConfig;
  /** All of them for people, without secrets. */
  settings: EffectiveSetting[];
}

/** Reads the settings from the environment; throws one Error that names every setting that is wrong. */
export function loadConfig(environment: NodeJS.ProcessEnv): Config {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(present);
  if (!parsed.success) throw wrongSettings(parsed.error.issues.map((issue) => problemOf(issue, present)));
  const e = parsed.data;
  const env = e.POSTHORN_ENV ?? (e.NODE_ENV === 'production' ? 'production' : 'development');
  const missing = missingTogether(e, env);
  if (missing.length > 0) throw wrongSettings(missing);
  const allowUnverifiedTls = (e.POSTHORN_ALLOW_UNVERIFIED_TLS ?? String(env === 'development')) === 'true';
  const mail = mailSettingsOf(e, env);
  return {
    port: e.PORT,
    host: e.HOST,
    role: e.POSTHORN_ROLE,
    dataDir: resolve(e.POSTHORN_DATA_DIR),
    apiKey: e.POSTHORN_API_KEY ?? null,
    env,
    allowedNetworks: list(e.POSTHORN_ALLOWED_NETWORKS),
    egressProxy:
      e.POSTHORN_EGRESS_PROXY === undefined
        ? null
        : parseEgressProxy(e.POSTHORN_EGRESS_PROXY, e.POSTHORN_EGRESS_PROXY_RESOLVES === 'true'),
    egressIps: list(e.POSTHORN_EGRESS_IPS),
    allowUnverifiedTls,
    encryptionKeys: list(e.POSTHORN_ENCRYPTION_KEYS ?? e.POSTHORN_ENCRYPTION_KEY ?? ''),
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
    warmUp: e.WARM_UP === 'true',
    metricsPort: e.METRICS_PORT ?? null,
    frameAncestors: list(e.DASHBOARD_FRAME_ANCESTORS),
    temporalUiUrl: e.TEMPORAL_UI_URL?.replace(/\/+$/, '') ?? null,
    retentionDays: e.RETENTION_DAYS,
    payloadRetentionDays: e.PAYLOAD_RETENTION_DAYS ?? null,
    statsRetentionDays: e.STATS_RETENTION_DAYS,
    auditRetentionDays: e.AUDIT_RETENTION_DAYS,
    keyRequestsPerSecond: e.KEY_REQUESTS_PER_SECOND ?? null,
    tokenRequestsPerSecond: e.TOKEN_REQUESTS_PER_SECOND,
    maxConnections: e.MAX_CONNECTIONS,
    maxInFlight: e.MAX_IN_FLIGHT,
    maxInFlightPerEndpoint: e.MAX_IN_FLIGHT_PER_ENDPOINT,
    mail,
    settings: effectiveSettings(present, settingsIn(e), {
      POSTHORN_ENV: env,
      POSTHORN_ALLOW_UNVERIFIED_TLS: String(allowUnverifiedTls),
      SMTP_TLS: mail.tls,
    }),
  };
}

/** In the order of the schema. NODE_ENV only stands in for POSTHORN_ENV. */
function settingsIn(read: Record<string, unknown>): Record<string, unknown> {
  const names = Object.keys(schema.shape).filter((name) => name !== 'NODE_ENV');
  return Object.fromEntries(names.map((name) => [name, read[name]]));
}

function wrongSettings(problems: string[]): Error {
  return new Error(`These settings are wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
}

/** `PORT="abc": expected a whole number from 0 to 65535`. */
function problemOf(issue: z.core.$ZodIssue, present: NodeJS.ProcessEnv): string {
  const name = String(issue.path[0]);
  return SECRET_SETTINGS.has(name)
    ? `${name}: ${issue.message}`
    : `${name}=${JSON.stringify(withoutCredentials(present[name] ?? ''))}: ${issue.message}`;
}

/** What one setting demands of another. */
function missingTogether(e: z.infer<typeof schema>, env: Config['env']): string[] {
  const problems: string[] = [...missingForMail(e)];
  const { POSTHORN_ENCRYPTION_KEY: key, POSTHORN_ENCRYPTION_KEYS: keys } = e;
  if (key !== undefined && keys !== undefined) {
    problems.push('POSTHORN_ENCRYPTION_KEY and POSTHORN_ENCRYPTION_KEYS: expected one of them, not both');
  }
  if (env === 'development') return problems;
  if (key === undefined && keys === undefined) {
    problems.push(
      'POSTHORN_ENCRYPTION_KEY: missing, and production stores no secret unsealed: set it to a key of your own, ' +
        'the same for every process ("openssl rand -hex 32" makes one), and keep it where your backups are not',
    );
  }
  if (e.POSTHORN_API_KEY === undefined) {
    problems.push(
      'POSTHORN_API_KEY: missing, and production takes none that a development start has left in the data ' +
        'folder: set it, the same for every process',
    );
  }
  return problems;
}
