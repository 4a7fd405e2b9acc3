import type { EnvelopeField, Profile } from './profile.ts';

/** What a body says, whatever its members are called. What a profile's envelope lacks is undefined. */
export interface EnvelopeContent {
  id?: string;
  type?: string;
  /** When the event happened. */
  timestamp?: Date;
  environment?: string;
  /** The account, site or customer whose event this is. */
  tenantId?: string;
  data: unknown;
}

/** The reverse of renderBody, for receivers. Throws an Error when the body is not a JSON object. */
export function readBody(profile: Pick<Profile, 'envelope'>, body: string): EnvelopeContent {
  const payload: unknown = JSON.parse(body);
  if (typeof payload !== 'object' || payload === null) throw new TypeError('it is no JSON object');
  // A map, because a member called __proto__ or toString is only a member here.
  const members = new Map<string, unknown>(Object.entries(payload));
  const content = profile.envelope
    .filter(({ field }) => members.has(field))
    .map(({ field, from }) => [contentNames[from], contentValue(from, members.get(field))]);
  return { data: undefined, ...Object.fromEntries(content) };
}

const contentNames = {
  id: 'id',
  type: 'type',
  timestamp: 'timestamp',
  environment: 'environment',
  tenant: 'tenantId',
  data: 'data',
} satisfies Record<EnvelopeField['from'], keyof EnvelopeContent>;

function contentValue(from: EnvelopeField['from'], value: unknown): unknown {
  if (from !== 'timestamp') return value;
  return new Date(typeof value === 'number' ? value * 1000 : String(value));
}
