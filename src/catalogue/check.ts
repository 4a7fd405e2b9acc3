import { LRUCache } from 'lru-cache';
import { Problem } from '../problem.ts';
import { createBreaker } from '../sandbox/breaker.ts';
import { SandboxBusy, TaskError, TaskLimit, type Sandbox } from '../sandbox/pool.ts';
import type { EventTypeStore, KnownType } from '../store/event-types.ts';
import { pathText } from '../validation.ts';
import type { KnownTypes } from './known.ts';

/** An event about to be accepted. */
export interface Checked {
  type: string;
  dataJson: string;
  /** Of its fields, as the caller wrote them: `events[2].`, or nothing. */
  prefix: string;
}

export interface PayloadCheck {
  /** False: nothing of its type is checked. Costs a look into a map. */
  mayRefuse(event: Checked): boolean;
  /** What is wrong with the payload, if anything. */
  check(tenantId: string, event: Checked): Promise<Problem | null>;
}

/** With compiling the schema, the first time. */
const MAX_CPU_MS = 500;
const MAX_SCHEMA_BYTES_KEPT = 16 << 20;

/** Payloads of types with `validate: true` against their schemas. Nothing of them is changed. */
export function createPayloadCheck(known: KnownTypes, store: EventTypeStore, sandbox: Sandbox): PayloadCheck {
  const breaker = createBreaker();
  /** By name and revision: what is changed is looked up anew. */
  const schemas = new LRUCache<string, { schema: string }>({
    maxSize: MAX_SCHEMA_BYTES_KEPT,
    sizeCalculation: ({ schema }) => schema.length + 100,
    fetchMethod: async (key) => {
      const name = key.slice(0, key.indexOf(' '));
      const schema = (await store.findMany([name])).get(name)?.schema;
      return schema === undefined || schema === null ? undefined : { schema };
    },
  });

  async function checkAgainst(tenantId: string, event: Checked, type: KnownType): Promise<Problem | null> {
    const at = `${event.prefix}data`;
    const lane = `${event.type} ${type.revision}`;
    const key = `${tenantId} ${lane}`;
    const refusal = () => pauseOf(breaker.closedForSeconds(key));
    const found = await schemas.fetch(lane);
    // Deleted this very moment.
    if (!found) return null;
    try {
      const task = { kind: 'validate', schema: found.schema, data: event.dataJson } as const;
      const misfit = await sandbox.run({ tenant: tenantId, lane, task, maxCpuMs: MAX_CPU_MS, refusal });
      breaker.clear(key);
      return (
        misfit &&
        Problem.field(pathText([at, ...misfit.path]), `${misfit.message} (by the schema of "${event.type}")`)
      );
    } catch (error) {
      if (error instanceof SandboxBusy)
        throw Problem.unavailable(
          'Too many payloads are being checked against their schemas; try again shortly.',
          1,
        );
      if (error instanceof TaskError) return tooMuch(at, event.type, error.message);
      if (!(error instanceof TaskLimit)) throw error;
      breaker.strike(key);
      return tooMuch(at, event.type, error.message);
    }
  }

  return {
    mayRefuse({ type }) {
      const types = known.peek();
      return types === null || (types.get(type)?.validates ?? false);
    },
    async check(tenantId, event) {
      const type = (await known.get()).get(event.type);
      return type?.validates ? checkAgainst(tenantId, event, type) : null;
    },
  };
}

const pauseOf = (seconds: number): string | null =>
  seconds === 0 ? null : `has taken too long several times, and is not tried for ${seconds} s`;

const tooMuch = (path: string, type: string, what: string): Problem =>
  Problem.field(path, `checking it against the schema of "${type}" ${what}`);
