import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ensureSearchAttributes } from './search-attributes.ts';

export interface Temporal {
  connection: NativeConnection;
  client: Client;
  namespace: string;
}

/**
 * Connects, trying on until it succeeds or `signal` aborts: Posthorn accepts events while Temporal is away. One
 * native connection serves client and worker, which is what makes eager starts possible. TEMPORAL_NAMESPACE,
 * TEMPORAL_API_KEY, TEMPORAL_TLS_* and the SDK's profile file apply.
 */
export async function connectTemporal(
  address: string,
  isEmbedded: boolean,
  log: Logger,
  signal: AbortSignal,
): Promise<Temporal> {
  // What the environment says of TLS, keys and namespace is about a server of one's own.
  const { connectionOptions, namespace = 'default' } = isEmbedded ? {} : loadClientConnectConfig();
  for (let tries = 1; ; tries += 1) {
    try {
      const connection = await NativeConnection.connect({
        ...connectionOptions,
        address,
        // On one machine there is no wire to spare.
        ...(isEmbedded && { grpcCompression: { codec: 'none' as const } }),
      });
      try {
        await ensureSearchAttributes(connection, namespace);
      } catch (error) {
        await connection.close();
        throw error;
      }
      return { connection, client: new Client({ connection, namespace }), namespace };
    } catch (error) {
      if (tries === 1 || tries % 30 === 0) {
        log.warn({ err: (error as Error).message, address }, 'Temporal cannot be used yet; trying on');
      }
      await sleep(1_000, undefined, { signal });
    }
  }
}
