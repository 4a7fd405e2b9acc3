import { TransportError } from '@temporalio/worker';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { connectTemporal, type Temporal } from './connection.ts';
import type { DeliveryWorkers } from './worker.ts';

/** The connection to Temporal and the workers on it: made as soon as they can be, and reported when they break. */
export interface TemporalLink {
  /** Null while Temporal is away. */
  current(): Temporal | null;
  /** Begins to connect. Resolves when Temporal is there and, where there is one, the worker polls. */
  connect(): Promise<void>;
  /** Lets what the workers have under way finish, for a few seconds. */
  stopWorkers(): Promise<void>;
  close(): Promise<void>;
}

export interface TemporalLinkDeps {
  address: string;
  isEmbedded: boolean;
  /** Null in an `api` process. */
  createWorkers: ((temporal: Temporal) => Promise<DeliveryWorkers>) | null;
  /** A worker has failed for good. */
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
    for (;;) {
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
        if (!(error instanceof TransportError)) throw error;
        log.warn({ err: error }, 'Temporal went away while the worker was started; trying on');
        await connected.connection.close().catch(() => {});
        await sleep(200);
      }
    }
    workers?.running.catch((error: unknown) => {
      if (!stopping.signal.aborted) deps.onWorkersFailed(error);
    });
  }

  return {
    current: () => temporal,
    connect() {
      const connecting = connect();
      connecting.catch((error: unknown) => {
        if (!stopping.signal.aborted) log.fatal({ err: error }, 'the Temporal worker could not be started');
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
