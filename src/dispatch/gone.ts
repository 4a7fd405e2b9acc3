import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { atMost } from '../bounded.ts';
import type { Endpoint } from '../domain.ts';

/** Endpoints that answered 410. From that moment nothing is sent to them here, also while it is being written down. */
export interface Gone {
  /** It has answered 410. Resolves when it is disabled, or could not be; never throws. */
  note(endpoint: Endpoint): Promise<void>;
  /** Whether it has answered 410 as it is set now: changed or enabled since, it has another chance. */
  has(endpoint: Endpoint): boolean;
  /** Of one that has: resolves when it is disabled. Tries again where that failed, and then throws what stands against it. */
  disabled(endpoint: Endpoint): Promise<void>;
}

interface Noted {
  version: number;
  written: Promise<void>;
}

const MAX_NOTED = 10_000;

export function createGone(disable: (endpoint: Endpoint) => Promise<void>, log: Logger): Gone {
  const noted = new LRUCache<string, Noted>(atMost(MAX_NOTED));

  function find(endpoint: Endpoint): Noted | undefined {
    const entry = noted.get(endpoint.id);
    return entry?.version === endpoint.updatedAt.getTime() ? entry : undefined;
  }

  function write(endpoint: Endpoint): Promise<void> {
    const written = disable(endpoint);
    noted.set(endpoint.id, { version: endpoint.updatedAt.getTime(), written });
    return written;
  }

  return {
    async note(endpoint) {
      try {
        await (find(endpoint)?.written ?? write(endpoint));
      } catch (error) {
        log.error(
          { err: error, endpointId: endpoint.id },
          'an endpoint that answered 410 could not be disabled',
        );
      }
    },
    has: (endpoint) => find(endpoint) !== undefined,
    disabled: (endpoint) => (find(endpoint)?.written ?? Promise.resolve()).catch(() => write(endpoint)),
  };
}
