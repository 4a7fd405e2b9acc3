import pg from 'pg';
import type { Logger } from 'pino';
import { elapsedMs, moment, type Moment } from '../moment.ts';

/** Notification channels. Payloads are ids, never content. */
export const CHANNELS = {
  /** An endpoint was made, changed or deleted; payload: `<tenant id> <endpoint id>`. */
  endpoints: 'posthorn_endpoints',
  /** An endpoint asked to be left alone for a while; payload: `<tenant id> <endpoint id> <milliseconds>`. */
  slowed: 'posthorn_slowed',
  /** A tenant is being deleted, or its tokens were revoked; payload: tenant id. */
  tenants: 'posthorn_tenants',
  /** An API key was made or revoked; payload: its id. */
  keys: 'posthorn_keys',
  /** Deliveries wait for a worker; no payload. */
  waiting: 'posthorn_waiting',
  /** Something was accepted into lanes; payload: see notify-lanes.ts. */
  lanes: 'posthorn_lanes',
  /** A delivery was cancelled; payload: delivery id. */
  cancelled: 'posthorn_cancelled',
  /** The deployment's event types changed; no payload. */
  eventTypes: 'posthorn_event_types',
} as const;

export interface Listener {
  /** False while the connection is down, or has said nothing for seconds: notifications may have been missed. */
  connected(): boolean;
  /** Whether everything that was committed longer ago than that has been heard here. */
  hasHeard(withinMs: number): boolean;
  on(channel: string, handle: (payload: string) => void): void;
  /** Called after every (re)connect: whatever was cached from notifications must be dropped. */
  onConnect(handle: () => void): void;
  stop(): Promise<void>;
}

/** While notifications may be missed, what was read from the table is trusted this long. */
const UNCONNECTED_TTL_MS = 500;

/** Whether what was read at that time (performance.now()) still counts, when every change is told by notification. */
export const isTrusted = (listener: Pick<Listener, 'connected'>, readAtMs: number): boolean =>
  listener.connected() || performance.now() - readAtMs < UNCONNECTED_TTL_MS;

/**
 * A connection that broke without a word would otherwise be taken for a quiet one. An answered ping says that all
 * notifications of what was committed before it was sent have come.
 */
const PING_MS = 300;
/** Unanswered for so long, the connection is given up. */
const GIVE_UP_MS = 3_000;

/** One connection that LISTENs, reconnecting for ever with a second between tries. */
export function startListener(databaseUrl: string, log: Logger): Listener {
  const handlers = new Map<string, ((payload: string) => void)[]>();
  const connectHandlers: (() => void)[] = [];
  let client: pg.Client | null = null;
  let up = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let pingTimer: NodeJS.Timeout | undefined;
  let heardUpTo: Moment | null = null;

  async function connect(): Promise<void> {
    const next = new pg.Client({
      connectionString: databaseUrl,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      query_timeout: GIVE_UP_MS,
    });
    const lost = (error?: Error) => {
      if (client !== next) return;
      client = null;
      up = false;
      clearInterval(pingTimer);
      if (stopped) return;
      log.warn({ err: error?.message }, 'lost the notification connection to Postgres, reconnecting');
      timer = setTimeout(() => void connect(), 1_000);
    };
    let pinging = false;
    async function ping(): Promise<void> {
      if (pinging) return;
      pinging = true;
      const sentAt = moment();
      try {
        await next.query('SELECT 1');
        if (client === next) heardUpTo = sentAt;
      } catch (error) {
        lost(error as Error);
        next.end().catch(() => {});
      }
      pinging = false;
    }
    client = next;
    next.on('error', lost);
    next.on('end', () => lost());
    next.on('notification', (message) => {
      for (const handle of handlers.get(message.channel) ?? []) handle(message.payload ?? '');
    });
    try {
      await next.connect();
      for (const channel of Object.values(CHANNELS)) await next.query(`LISTEN ${channel}`);
      await ping();
      if (client !== next) return;
      up = true;
      pingTimer = setInterval(() => void ping(), PING_MS);
      for (const handle of connectHandlers) handle();
    } catch (error) {
      lost(error as Error);
      next.end().catch(() => {});
    }
  }

  void connect();
  return {
    connected: () => up,
    hasHeard: (withinMs) => up && heardUpTo !== null && elapsedMs(heardUpTo) < withinMs,
    on(channel, handle) {
      handlers.set(channel, [...(handlers.get(channel) ?? []), handle]);
    },
    onConnect(handle) {
      connectHandlers.push(handle);
      if (up) handle();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      clearInterval(pingTimer);
      await client?.end().catch(() => {});
    },
  };
}
