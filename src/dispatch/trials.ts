import type { EventInput } from '../accept/event-input.ts';
import type { Endpoint } from '../domain.ts';
import type { EndpointChangesDeps } from '../endpoints/changes.ts';
import type { EndpointSettings } from '../endpoints/input.ts';
import { unsavedEndpoint } from '../endpoints/unsaved.ts';
import type { Sender } from '../http/sender.ts';
import type { Templates } from '../templates/index.ts';
import { newId } from '../ids.ts';
import { createTenantSeats } from '../tenant-seats.ts';
import { exchange, type Exchanged } from './exchange.ts';

/** Attempts at endpoints that have not been made yet. Nothing of them is stored. */
export interface Trials {
  /** What these settings would make. Throws the Problems that making it would. */
  endpointOf(tenantId: string, settings: EndpointSettings): Promise<Endpoint>;
  /** One attempt, signed as a delivery (or as one of then), by a connection of its own. Throws a Problem when the tenant tries too much. */
  run(endpoint: Endpoint, event: EventInput, signedAt?: Date): Promise<Exchanged>;
}

export type TrialsDeps = Pick<EndpointChangesDeps, 'profiles' | 'guard' | 'seal'> & {
  sender: Sender;
  templates: Templates;
};

export function createTrials(deps: TrialsDeps): Trials {
  const { sender, profiles, templates } = deps;
  // Whoever may have requests sent anywhere could search networks with it, or hold up others.
  const begin = createTenantSeats({ each: 2, all: 50, rate: { burst: 10, perMinute: 30 } });
  return {
    endpointOf: (tenantId, settings) => unsavedEndpoint(deps, tenantId, settings),
    async run(endpoint, { type, environment, timestamp, dataJson }, signedAt) {
      const end = begin(endpoint.tenantId);
      try {
        const event = {
          ...{ id: newId('evt'), tenantId: endpoint.tenantId, type, environment, data: dataJson },
          timestamp: timestamp ?? new Date(),
        };
        const { template, tenantId } = endpoint;
        const rendered = template ? await templates.tryOut(tenantId, template, event) : undefined;
        const deliveryId = newId('dlv');
        const request = {
          endpoint,
          event,
          deliveryId,
          rendered,
          number: 1,
          trigger: 'test',
          fresh: true,
          signedAt,
        } as const;
        return await exchange(sender, profiles, request);
      } finally {
        end();
      }
    },
  };
}
