import { ServiceError } from '@temporalio/client';
import { TransportError } from '@temporalio/worker';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { connectTemporal, type Temporal } from './connection.ts';
import { prepareNamespace } from './search-attributes.ts';
import type { DeliveryWorkers } from './worker.ts';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** Temporal's doing, and no fault of this process: it went away, or did not do as it was asked. */
const isOfTemporal = (error: unknown): error is Error =>
  error instanceof TransportError || error instanceof ServiceError;

/** What is registered takes a while to be known all over the server. */
const PREPARE_AGAIN_MS = 5_000;

/** The connection to Temporal and the workers on it: made as soon as they can be, and reported when they break. */
export interface TemporalLink {
  /** Null while Temporal is away. */
  current(): Temporal | null;
  /** Throws while Temporal is away. */
  connected(): Temporal;
  /** Begins to connect. Resolves when Temporal is there and, where there is one, the worker polls. */
  connect(): Promise<void>;
  /** Registers in the namespace what our workflows need: it has got lost. Once at a time, and by itself. */
  prepareAgain(): void;
  /** Lets what the workers have under way finish, for a few seconds. */
  stopWorkers(): Promise<void>;
  close(): Promise<void>;
}

export interface TemporalLinkDeps {
  address: string;
  isEmbedded: boolean;
  /** Null in an `api` process. */
  createWorkers: ((temporal: Temporal) => Promise<DeliveryWorkers>) | null;
  /** The workers have failed for good, or cannot be made. */
  onWorkersFailed(error: unknown): void;
  log: Logger;
}

export function createTemporalLink(deps: TemporalLinkDeps): TemporalLink {
  const { address, isEmbedded, createWorkers, log } = deps;
  const stopping = new AbortController();
  let temporal: Temporal | null = null;
  let workers: DeliveryWorkers | null = null;

  /**
   * Temporal counts as there when the workers are, too. Should it go away again while they are made, all begins
   * anew: a process that starts workflows but carries out none would be worse than one that waits.
   */
  async function connect(): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const connected = await connectTemporal(address, isEmbedded, log, stopping.signal);
      try {
        workers = createWorkers && (await createWorkers(connected));
        temporal = connected;
        if (stopping.signal.aborted) {
          await workers?.stop();
          await connected.connection.close().catch(() => {});
        }
        break;
      } catch (error) {
        await connected.connection.close().catch(() => {});
        if (!isOfTemporal(error)) throw error;
        log.warn({ err: error }, 'Temporal went away while the worker was started; trying on');
        await sleep(pauseMs, undefined, { signal: stopping.signal });
      }
    }
    workers?.running.catch((error: unknown) => {
      if (!stopping.signal.aborted) deps.onWorkersFailed(error);
    });
  }

  let preparing = false;

  return {
    current: () => temporal,
    connected() {
      if (!temporal) throw new Error('Temporal is not connected yet');
      return temporal;
    },
    prepareAgain() {
      if (preparing || !temporal) return;
      preparing = true;
      log.warn(
        'Temporal has lost its namespace or search attributes, or is another server: they are registered again',
      );
      prepareNamespace(temporal.connection, temporal.namespace, isEmbedded)
        .catch((error: unknown) => log.error({ err: error }, 'the namespace could not be prepared'))
        .finally(() => setTimeout(() => (preparing = false), PREPARE_AGAIN_MS).unref());
    },
    connect() {
      const connecting = connect();
      connecting.catch((error: unknown) => {
        // A process that accepts what it never hands on would be worse than none.
        if (!stopping.signal.aborted) deps.onWorkersFailed(error);
      });
      return connecting;
    },
    async stopWorkers() {
      stopping.abort();
      await workers?.stop();
    },
    async close() {
      stopping.abort();
      await temporal?.connection.close().catch(() => {});
    },
  };
}
