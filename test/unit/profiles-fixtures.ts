/** Events and attempts for the tests of profiles, signatures and verification. */
import fc from 'fast-check';
import type { EventRecord } from '../../src/domain.ts';
import { loadProfiles, type Profile } from '../../src/profiles/index.ts';
import { renderBody, renderHeaders, type Attempt } from '../../src/profiles/render.ts';

export const HEX_SECRET = '5f0c3a9d1be84e7706a2c94f8d13b65e5f0c3a9d1be84e7706a2c94f8d13b65e';
export const OLD_HEX_SECRET = 'an-older-secret-of-ours';
export const WHSEC_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
export const OLD_WHSEC_SECRET = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
export const ATTEMPT_TIME = new Date('2026-05-17T12:40:00.250Z');

export function builtIn(name: string): Profile {
  const profile = loadProfiles().get(name);
  if (!profile) throw new Error(`no profile ${name}`);
  return profile;
}

export function anEvent(overrides: Partial<EventRecord> = {}): EventRecord {
  return {
    id: 'evt_018f7d3c',
    tenantId: 'acct_42',
    type: 'conversation.created',
    environment: 'production',
    timestamp: new Date('2026-05-17T12:34:56.789Z'),
    data: '{"conversation_id":"conv_1","note":"naïve ✓"}',
    ...overrides,
  };
}

/** One request as it goes out. */
export function aRequest(
  profile: Profile,
  overrides: Partial<Attempt> & { event?: EventRecord } = {},
): { body: string; headers: Record<string, string> } {
  const event = overrides.event ?? anEvent();
  const body = renderBody(profile, event);
  const secret = profile.secretFormat === 'whsec' ? WHSEC_SECRET : HEX_SECRET;
  const attempt = { deliveryId: 'dlv_77', body, attemptTime: ATTEMPT_TIME, secret, previousSecrets: [] };
  return { body, headers: renderHeaders(profile, { ...attempt, ...overrides, event }) };
}

/** `data` as accept leaves it: any JSON object, written compactly, with whatever keys and strings people use. */
export const jsonData = fc
  .dictionary(fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.nat().map(String)), fc.jsonValue())
  .map((data) => JSON.stringify(JSON.parse(JSON.stringify(data))));

export const eventType = fc
  .array(fc.stringMatching(/^[a-z0-9_-]{1,12}$/), { minLength: 1, maxLength: 5 })
  .map((segments) => segments.join('.'));

export const anyEvent: fc.Arbitrary<EventRecord> = fc.record({
  id: fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/),
  tenantId: fc.string({ minLength: 1, maxLength: 40 }),
  type: eventType,
  environment: fc.constantFrom('production', 'staging', 'development'),
  timestamp: fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
  data: jsonData,
});
