import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { builtInProfiles } from '../../src/profiles/built-in.ts';
import { verifyWebhook, WebhookVerificationError, type VerifyInput } from '../../src/sdk/verify/index.ts';
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

async function failure(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
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
  ])('%s: says what happened', async (name, expected) => {
    const { id, deliveryId, environment, tenantId, ...rest } = await verify(name);
    const present = Object.entries({ id, deliveryId, environment, tenantId }).filter(
      ([, value]) => value !== undefined,
    );
    expect({ ...Object.fromEntries(present), ...rest }).toEqual(expected);
  });

  it.each(names)('%s: is taken as text or bytes, with any form of headers', async (name) => {
    const { body, headers } = aRequest(builtIn(name));
    const lowerCase = Object.fromEntries(
      Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]),
    );
    const lists = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, [value]]));
    for (const form of [headers, lowerCase, lists, new Headers(headers)]) {
      expect(await failure(() => verify(name, { body, headers: form }))).toBe('verified');
      expect(await failure(() => verify(name, { body: Buffer.from(body), headers: form }))).toBe('verified');
    }
  });

  it.each(names)('%s: any event at all, and none with another body or secret', async (name) => {
    await fc.assert(
      fc.asyncProperty(anyEvent, anyEvent, async (event, other) => {
        const { body, headers } = aRequest(builtIn(name), { event });
        const check = (overrides: Partial<VerifyInput>) =>
          failure(() => verify(name, { headers, ...overrides }));
        expect(await check({ body })).toBe('verified');
        expect(JSON.stringify((await verify(name, { headers, body })).data)).toBe(event.data);
        const otherBody = aRequest(builtIn(name), { event: other }).body;
        expect(await check({ body: otherBody })).toBe(
          otherBody === body ? 'verified' : 'no_matching_signature',
        );
        expect(await check({ body: `${body} ` })).toBe('no_matching_signature');
        expect(await check({ body, secret: oldSecretOf(name) })).toBe('no_matching_signature');
      }),
      { numRuns: 30 },
    );
  });

  it.each(names)('%s: during grace either secret verifies, afterwards only the new one', async (name) => {
    const secret = oldSecretOf(name);
    const during = aRequest(builtIn(name), { previousSecrets: [{ secret, validUntil: after(1) }] });
    const ended = aRequest(builtIn(name), { previousSecrets: [{ secret, validUntil: after(0) }] });
    expect(await failure(() => verify(name, during))).toBe('verified');
    expect(await failure(() => verify(name, { ...during, secret }))).toBe('verified');
    expect(await failure(() => verify(name, ended))).toBe('verified');
    expect(await failure(() => verify(name, { ...ended, secret }))).toBe('no_matching_signature');
    expect(await failure(() => verify(name, { ...ended, secret: [secret, secretOf(name)] }))).toBe(
      'verified',
    );
  });
});

describe('a request that is refused', () => {
  it.each(names)('%s: too old or from the future', async (name) => {
    // The header has whole seconds, so the quarter second of the attempt's time is lost.
    expect(await failure(() => verify(name, { now: after(300) }))).toBe('verified');
    expect(await failure(() => verify(name, { now: after(301) }))).toBe('timestamp_too_old');
    expect(await failure(() => verify(name, { now: after(-300) }))).toBe('verified');
    expect(await failure(() => verify(name, { now: after(-301) }))).toBe('timestamp_too_new');
    expect(await failure(() => verify(name, { now: after(301), toleranceSeconds: 301 }))).toBe('verified');
    await expect(verify(name, { now: after(301) })).rejects.toThrow('sent 301 s ago; 300 s are allowed');
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
  ])('%s: without %s', async (name, missing) => {
    const { headers } = aRequest(builtIn(name));
    const others = Object.fromEntries(Object.entries(headers).filter(([key]) => key !== missing));
    expect(await failure(() => verify(name, { headers: others }))).toBe('missing_header');
    await expect(verify(name, { headers: others })).rejects.toThrow(missing);
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
  ])('%s: %s: %s', async (name, header, value, code) => {
    const headers = { ...aRequest(builtIn(name)).headers, [header]: value };
    expect(await failure(() => verify(name, { headers }))).toBe(code);
  });

  it('a header with more signatures than are ever sent, each of which would cost a pass over the body', async () => {
    const { headers } = aRequest(builtIn('standard'));
    const many = { ...headers, 'webhook-signature': Array(13).fill('v1,AAAA').join(' ') };
    expect(await failure(() => verify('standard', { headers: many }))).toBe('malformed_header');
  });

  it('a header that came twice', async () => {
    const { headers } = aRequest(builtIn('8bit'));
    const twice = { ...headers, 'X-8bit-Signature-256': ['a', 'b'] };
    expect(await failure(() => verify('8bit', { headers: twice }))).toBe('malformed_header');
  });

  it.each(['{', 'null', '"text"'])('a genuine signature over %s, which is no JSON object', async (body) => {
    const { headers } = aRequest(builtIn('8bit'), { body });
    expect(await failure(() => verify('8bit', { headers, body }))).toBe('malformed_body');
  });

  it('never says what the secret or the right signature would be', async () => {
    for (const name of names) {
      const { headers } = aRequest(builtIn(name));
      const message = await verify(name, { body: '{}', headers }).then(() => '', String);
      expect(message).toContain('No signature matches');
      expect(message).not.toContain(secretOf(name));
      expect(message).not.toMatch(/[0-9a-f]{64}|[\w+/]{43}=/);
    }
  });
});

describe('a mistake of the caller', () => {
  it.each<[string | string[]]>([
    [''],
    [' '],
    [[]],
    [['a-good-secret-123', '']],
    ['whsec_'],
    ['whsec_!!!!'],
    ['whsec_AAAA'],
    [' whsec_'],
    ['undefined'],
    ['\0'],
    ['\u200b'],
    ['fifteen letters'],
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS'],
  ])('the secret %j', async (secret) => {
    await expect(verify('eev', { secret })).rejects.toThrow(
      /^(A webhook cannot be verified without a secret|No webhook can be verified with this secret: it )/,
    );
  });

  it('what was signed with the empty key that a secret like "whsec_" would stand for', async () => {
    const body = '{"type":"a.b","timestamp":"2026-05-17T12:34:56Z","data":{}}';
    const unix = Math.floor(ATTEMPT_TIME.getTime() / 1000);
    const forged = createHmac('sha256', '').update(`evt_1.${unix}.${body}`).digest('base64');
    const headers = {
      'webhook-id': 'evt_1',
      'webhook-timestamp': String(unix),
      'webhook-signature': `v1,${forged}`,
    };
    for (const secret of ['whsec_', 'whsec_!!!!'])
      await expect(verify('standard', { headers, body, secret })).rejects.toThrow(TypeError);
  });

  it('a body that a parser has read', async () => {
    for (const body of [{}, { length: 4_000_000_000 }, [], undefined])
      await expect(verify('standard', { body: body as never })).rejects.toThrow(/^body must be the raw body/);
  });

  it('an unknown profile', async () => {
    await expect(verify('8bit', { profile: '9bit' })).rejects.toThrow(
      'There is no profile "9bit"; there are standard, 8bit',
    );
  });

  it('takes a profile of one’s own', async () => {
    const profile = { ...builtIn('8bit'), signature: { scheme: 'base64-body', prefix: 'hmac ' } as const };
    const { headers, body } = aRequest(profile);
    expect(headers['X-8bit-Signature-256']).toMatch(/^hmac [\w+/]{43}=$/);
    expect((await verify('8bit', { profile, headers, body })).id).toBe('evt_018f7d3c');
  });
});
