import type { Profile } from '../../../api/types.ts';

/** What the code of a format needs to know. */
export interface Shape {
  /** `id.timestamp.body`, `timestamp.body`, or the body alone. */
  kind: 'standard' | 'timestamped' | 'body';
  encoding: 'hex' | 'base64';
  prefix: string;
  /** Names in lower case. */
  signature: string;
  previous: string | null;
  id: string;
  timestamp: string | null;
}

export function shapeOf({ signature, headers }: Profile): Shape {
  const { scheme, prefix = '' } = signature;
  return {
    kind: scheme === 'standard' ? 'standard' : scheme === 'timestamped-hex' ? 'timestamped' : 'body',
    encoding: scheme === 'standard' || scheme === 'base64-body' ? 'base64' : 'hex',
    prefix: scheme === 'standard' ? 'v1,' : prefix,
    signature: headers.signature.toLowerCase(),
    previous: headers.previousSignature?.toLowerCase() ?? null,
    id: headers.eventId?.toLowerCase() ?? 'webhook-id',
    timestamp: headers.timestamp?.toLowerCase() ?? null,
  };
}
