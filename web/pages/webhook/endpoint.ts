import { createContext, useContext } from 'react';
import type { Endpoint } from '../../api/client.ts';

/** The webhook whose pages are shown. */
export const EndpointContext = createContext<Endpoint | null>(null);

export function useEndpoint(): Endpoint {
  const endpoint = useContext(EndpointContext);
  if (!endpoint) throw new Error('no webhook is shown here');
  return endpoint;
}
