/** What one run of a scenario works with: its own database and task queue on the shared servers, its own Posthorn. */
import { join } from 'node:path';
import { pickPort } from '../src/embedded/ports.ts';
import { nowMs, sleep } from './clock.ts';
import type { Target } from './load/connection.ts';
import type { LoadHandlers } from './load/process.ts';
import type { Options, Sizes } from './options.ts';
import { HOOK, Profiler } from './profile/profiler.ts';
import type { Forked } from './rpc.ts';
import { query, withDatabase } from './servers/database.ts';
import { PosthornProcess } from './servers/posthorn.ts';
import { resetPeak } from './servers/processes.ts';
import { cpuMs } from './servers/processes.ts';
import type { Stack } from './servers/stack.ts';
import type { Behaviour, SinkHandlers } from './sink/process.ts';

export const API_KEY = 'bench-key-0123456789';
export const OK: Behaviour = { kind: 'answer', status: 200 };

export interface Parts {
  stack: Stack;
  sink: Forked<SinkHandlers>;
  sinkPort: number;
  load: Forked<LoadHandlers>;
  sizes: Sizes;
  options: Options;
}

export interface Tenant {
  id: string;
  /** Where to publish. */
  target: Target;
  /** The sink's lanes, one per endpoint. */
  lanes: number[];
  endpointIds: string[];
}

export interface Endpoints {
  /** How many; 1 unless given. */
  endpoints?: number;
  /** Events the sink can tell apart. */
  size: number;
  behaviour?: Behaviour;
  /** Further settings of the endpoints. */
  settings?: Record<string, unknown>;
}

/** Total CPU so far, ms, by what used it. */
export interface Usage {
  posthorn: number;
  temporal: number;
  postgres: number;
  load: number;
  sink: number;
}

const QUIET_SHARE = 0.15;
const QUIET_LIMIT_MS = 8_000;

export class World {
  readonly parts: Parts;
  readonly processes: PosthornProcess[] = [];
  readonly databaseUrl: string;
  readonly profiler: Profiler | null;
  readonly #name: string;
  #apiPort = 0;
  #tenants = 0;
  #lanes: number[] = [];

  constructor(parts: Parts, runNumber: number, scenario: string) {
    this.parts = parts;
    this.profiler = parts.options.profile ? new Profiler(scenario) : null;
    this.#name = `bench_${runNumber}`;
    this.databaseUrl = withDatabase(parts.stack.databaseUrl, this.#name);
  }

  async open(): Promise<void> {
    await query(this.parts.stack.databaseUrl, `CREATE DATABASE ${this.#name}`);
    // What earlier runs wrote shall not be flushed to disk during this one.
    await query(this.parts.stack.databaseUrl, 'CHECKPOINT');
  }

  async start(
    role: 'all' | 'api' | 'worker' = 'all',
    settings: Record<string, string> = {},
  ): Promise<PosthornProcess> {
    if (role !== 'worker' && this.#apiPort === 0) this.#apiPort = await pickPort(0, 'Posthorn', () => {});
    const { stack, options } = this.parts;
    const posthorn = new PosthornProcess({
      role,
      port: role === 'worker' ? 0 : this.#apiPort,
      logFile: join(stack.dataDir, `${this.#name}-${this.processes.length}.log`),
      ...(this.profiler && { hook: HOOK }),
      env: {
        DATABASE_URL: this.databaseUrl,
        TEMPORAL_ADDRESS: stack.temporalAddress,
        POSTHORN_TASK_QUEUE: this.#name,
        POSTHORN_DATA_DIR: join(stack.dataDir, this.#name),
        POSTHORN_API_KEY: API_KEY,
        POSTHORN_ENV: 'development', // lets it deliver to loopback
        POSTHORN_RECEIVER_PORT: '0',
        POSTHORN_LOG_LEVEL: 'warn',
        ...options.settings,
        ...settings,
      },
    });
    this.processes.push(posthorn);
    await posthorn.ready();
    return posthorn;
  }

  async tenant({ endpoints = 1, size, behaviour = OK, settings = {} }: Endpoints): Promise<Tenant> {
    const id = `bench-${++this.#tenants}`;
    const lanes: number[] = [];
    const endpointIds: string[] = [];
    for (let index = 0; index < endpoints; index += 1) {
      const lane = await this.parts.sink.call.open({ size, behaviour });
      lanes.push(lane);
      const url = `http://127.0.0.1:${this.parts.sinkPort}/lane/${lane}`;
      const created = await this.call('POST', `/v1/tenants/${id}/endpoints`, { url, ...settings });
      endpointIds.push((created as { id: string }).id);
    }
    this.#lanes.push(...lanes);
    const target = { port: this.#apiPort, path: `/v1/tenants/${id}/events`, apiKey: API_KEY };
    return { id, target, lanes, endpointIds };
  }

  /** Asks Posthorn's API. */
  async call(method: 'POST' | 'PATCH', path: string, body: object): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${this.#apiPort}${path}`, {
      method,
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok)
      throw new Error(`${method} ${path} was answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }

  /** Compiled code, open connections and a worker that polls, before anything is measured. */
  async warmUp(): Promise<void> {
    const count = this.parts.sizes.warmUpEvents;
    const { target, lanes } = await this.tenant({ size: count * 2 });
    const limitMs = 60_000;
    await this.parts.load.call.closedLoop({ target, connections: 32, count, capacity: count * 2, limitMs });
    const warm = await this.parts.sink.call.until({
      lane: lanes[0]!,
      distinct: count,
      stallMs: 30_000,
      limitMs,
    });
    if (warm.distinct < count) {
      throw new Error(`${warm.distinct} of ${count} events arrived while warming up, then nothing for 30 s`);
    }
    await this.quiet();
    for (const { pid } of this.processes) resetPeak(pid);
  }

  usage(): Usage {
    return {
      posthorn: this.processes.reduce((sum, posthorn) => sum + posthorn.cpuMs(), 0),
      ...this.parts.stack.cpuMs(),
      load: cpuMs(this.parts.load.pid) ?? 0,
      sink: cpuMs(this.parts.sink.pid) ?? 0,
    };
  }

  /** Waits until the servers have little left to do. */
  async quiet(): Promise<void> {
    const endMs = nowMs() + QUIET_LIMIT_MS;
    const serversMs = ({ posthorn, temporal, postgres } = this.usage()) => posthorn + temporal + postgres;
    while (nowMs() < endMs) {
      const [before, sinceMs] = [serversMs(), nowMs()];
      await sleep(500);
      if ((serversMs() - before) / (nowMs() - sinceMs) < QUIET_SHARE) return;
    }
  }

  /** Deliveries of the tenant that are not in a final state. */
  async unsettled(tenantId: string): Promise<number> {
    const sql = `SELECT count(*)::int AS count FROM deliveries WHERE tenant_id = $1 AND status IN ('pending', 'retrying')`;
    const [row] = await query<{ count: number }>(this.databaseUrl, sql, [tenantId]);
    return row!.count;
  }

  warnings(): Record<string, number> {
    const all: Record<string, number> = {};
    for (const posthorn of this.processes) {
      for (const [message, count] of Object.entries(posthorn.warnings())) {
        all[message] = (all[message] ?? 0) + count;
      }
    }
    return all;
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((posthorn) => posthorn.kill('SIGKILL')));
    for (const lane of this.#lanes) await this.parts.sink.call.close(lane);
    await query(this.parts.stack.databaseUrl, `DROP DATABASE IF EXISTS ${this.#name} WITH (FORCE)`);
  }
}
