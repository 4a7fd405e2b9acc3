import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtInProfiles } from '../../src/profiles/built-in.ts';
import { verifyWebhook, WebhookVerificationError, type VerifyInput } from '../../src/sdk/verify.ts';
import {
  anyEvent,
  aRequest,
  ATTEMPT_TIME,
  builtIn,
  HEX_SECRET,
  OLD_HEX_SECRET,
  OLD_WHSEC_SECRET,
  WHSEC_SECRET,
} from './profiles-fixtures.ts';

const names = builtInProfiles.map((profile) => profile.name);
const secretOf = (name: string) => (builtIn(name).secretFormat === 'whsec' ? WHSEC_SECRET : HEX_SECRET);
const oldSecretOf = (name: string) =>
  builtIn(name).secretFormat === 'whsec' ? OLD_WHSEC_SECRET : OLD_HEX_SECRET;
const after = (seconds: number) => new Date(ATTEMPT_TIME.getTime() + seconds * 1000);

function verify(name: string, overrides: Partial<VerifyInput> = {}) {
  const request = aRequest(builtIn(name));
  return verifyWebhook({
    profile: name,
    secret: secretOf(name),
    now: ATTEMPT_TIME,
    ...request,
    ...overrides,
  });
}

function failure(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof WebhookVerificationError) return error.code;
    throw error;
  }
  return 'verified';
}

describe('a genuine request', () => {
  const sentAt = new Date('2026-05-17T12:40:00Z');
  const data = { conversation_id: 'conv_1', note: 'naïve ✓' };
  const timestamp = new Date('2026-05-17T12:34:56.789Z');
  const type = 'conversation.created';

  it.each([
    ['standard', { id: 'evt_018f7d3c', type, timestamp, data, sentAt }],
    [
      '8bit',
      { id: 'evt_018f7d3c', type, timestamp, environment: 'production', tenantId: 'acct_42', data, sentAt },
    ],
    [
      'agentbot',
      {
        type,
        timestamp: new Date('2026-05-17T12:34:56Z'),
        tenantId: 'acct_42',
        deliveryId: 'dlv_77',
        data,
        sentAt,
      },
    ],
    ['eev', { id: 'evt_018f7d3c', type, timestamp, data, sentAt }],
  ])('%s: says what happened', (name, expected) => {
    const { id, deliveryId, environment, tenantId, ...rest } = verify(name);
    const present = Object.entries({ id, deliveryId, environment, tenantId }).filter(
      ([, value]) => value !== undefined,
    );
    expect({ ...Object.fromEntries(present), ...rest }).toEqual(expected);
  });

  it.each(names)('%s: is taken as text or bytes, with any form of headers', (name) => {
    const { body, headers } = aRequest(builtIn(name));
    const lowerCase = Object.fromEntries(
      Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]),
    );
    const lists = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, [value]]));
    for (const form of [headers, lowerCase, lists, new Headers(headers)]) {
      expect(failure(() => verify(name, { body, headers: form }))).toBe('verified');
      expect(failure(() => verify(name, { body: Buffer.from(body), headers: form }))).toBe('verified');
    }
  });

  it.each(names)('%s: any event at all, and none with another body or secret', (name) => {
    fc.assert(
      fc.property(anyEvent, anyEvent, (event, other) => {
        const { body, headers } = aRequest(builtIn(name), { event });
        const check = (overrides: Partial<VerifyInput>) =>
          failure(() => verify(name, { headers, ...overrides }));
        expect(check({ body })).toBe('verified');
        expect(JSON.stringify(verify(name, { headers, body }).data)).toBe(event.data);
        const otherBody = aRequest(builtIn(name), { event: other }).body;
        expect(check({ body: otherBody })).toBe(otherBody === body ? 'verified' : 'no_matching_signature');
        expect(check({ body: `${body} ` })).toBe('no_matching_signature');
        expect(check({ body, secret: oldSecretOf(name) })).toBe('no_matching_signature');
      }),
      { numRuns: 30 },
    );
  });

  it.each(names)('%s: during grace either secret verifies, afterwards only the new one', (name) => {
    const secret = oldSecretOf(name);
    const during = aRequest(builtIn(name), { previousSecrets: [{ secret, validUntil: after(1) }] });
    const ended = aRequest(builtIn(name), { previousSecrets: [{ secret, validUntil: after(0) }] });
    expect(failure(() => verify(name, during))).toBe('verified');
    expect(failure(() => verify(name, { ...during, secret }))).toBe('verified');
    expect(failure(() => verify(name, ended))).toBe('verified');
    expect(failure(() => verify(name, { ...ended, secret }))).toBe('no_matching_signature');
    expect(failure(() => verify(name, { ...ended, secret: [secret, secretOf(name)] }))).toBe('verified');
  });
});

describe('a request that is refused', () => {
  it.each(names)('%s: too old or from the future', (name) => {
    // The header has whole seconds, so the quarter second of the attempt's time is lost.
    expect(failure(() => verify(name, { now: after(300) }))).toBe('verified');
    expect(failure(() => verify(name, { now: after(301) }))).toBe('timestamp_too_old');
    expect(failure(() => verify(name, { now: after(-300) }))).toBe('verified');
    expect(failure(() => verify(name, { now: after(-301) }))).toBe('timestamp_too_new');
    expect(failure(() => verify(name, { now: after(301), toleranceSeconds: 301 }))).toBe('verified');
    expect(() => verify(name, { now: after(301) })).toThrow('sent 301 s ago; 300 s are allowed');
  });

  it.each([
    ['standard', 'webhook-id'],
    ['standard', 'webhook-timestamp'],
    ['standard', 'webhook-signature'],
    ['8bit', 'X-8bit-Event-Id'],
    ['8bit', 'X-8bit-Timestamp'],
    ['8bit', 'X-8bit-Signature-256'],
    ['agentbot', 'X-Agentbot-Signature'],
    ['eev', 'webhook-signature'],
  ])('%s: without %s', (name, missing) => {
    const { headers } = aRequest(builtIn(name));
    const others = Object.fromEntries(Object.entries(headers).filter(([key]) => key !== missing));
    expect(failure(() => verify(name, { headers: others }))).toBe('missing_header');
    expect(() => verify(name, { headers: others })).toThrow(missing);
  });

  it.each([
    ['standard', 'webhook-timestamp', 'yesterday', 'malformed_header'],
    ['standard', 'webhook-timestamp', '1779021600.5', 'malformed_header'],
    ['standard', 'webhook-timestamp', '1779021601', 'no_matching_signature'],
    ['standard', 'webhook-id', 'evt_other', 'no_matching_signature'],
    ['standard', 'webhook-signature', 'v1,', 'no_matching_signature'],
    ['standard', 'webhook-signature', 'v1a,abc v2,def', 'no_matching_signature'],
    ['agentbot', 'X-Agentbot-Signature', 'v1=abc', 'malformed_header'],
    ['agentbot', 'X-Agentbot-Signature', 't=1779021600', 'malformed_header'],
    ['agentbot', 'X-Agentbot-Signature', 't=now,v1=abc', 'malformed_header'],
    ['agentbot', 'X-Agentbot-Signature', 't=1779021600,v1=abc', 'no_matching_signature'],
    ['8bit', 'X-8bit-Signature-256', '0'.repeat(64), 'no_matching_signature'],
    ['8bit', 'X-8bit-Timestamp', '', 'missing_header'],
  ])('%s: %s: %s', (name, header, value, code) => {
    const headers = { ...aRequest(builtIn(name)).headers, [header]: value };
    expect(failure(() => verify(name, { headers }))).toBe(code);
  });

  it('a header that came twice', () => {
    const { headers } = aRequest(builtIn('8bit'));
    const twice = { ...headers, 'X-8bit-Signature-256': ['a', 'b'] };
    expect(failure(() => verify('8bit', { headers: twice }))).toBe('malformed_header');
  });

  it.each(['{', 'null', '"text"'])('a genuine signature over %s, which is no JSON object', (body) => {
    const { headers } = aRequest(builtIn('8bit'), { body });
    expect(failure(() => verify('8bit', { headers, body }))).toBe('malformed_body');
  });

  it('never says what the secret or the right signature would be', () => {
    for (const name of names) {
      const { headers } = aRequest(builtIn(name));
      const message = (() => {
        try {
          verify(name, { body: '{}', headers });
        } catch (error) {
          return String(error);
        }
        return '';
      })();
      expect(message).toContain('No signature matches');
      expect(message).not.toContain(secretOf(name));
      expect(message).not.toMatch(/[0-9a-f]{64}|[\w+/]{43}=/);
    }
  });
});

describe('a mistake of the caller', () => {
  it.each<[string | string[]]>([[''], [[]], [['a-good-secret-123', '']]])('the secret %j', (secret) => {
    expect(() => verify('eev', { secret })).toThrow('verifyWebhook needs a secret');
  });

  it('an unknown profile', () => {
    expect(() => verify('8bit', { profile: '9bit' })).toThrow(
      'There is no profile "9bit"; there are standard, 8bit',
    );
  });

  it('takes a profile of one’s own', () => {
    const profile = { ...builtIn('8bit'), signature: { scheme: 'base64-body', prefix: 'hmac ' } as const };
    const { headers, body } = aRequest(profile);
    expect(headers['X-8bit-Signature-256']).toMatch(/^hmac [\w+/]{43}=$/);
    expect(verify('8bit', { profile, headers, body }).id).toBe('evt_018f7d3c');
  });
});
