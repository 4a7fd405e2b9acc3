import { createHmac, timingSafeEqual } from 'node:crypto';
import fc from 'fast-check';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { renderHeaders } from '../../src/profiles/render.ts';
import { checkSecret } from '../../src/signing/key-text.ts';
import { generateSecret, secretKeyBytes } from '../../src/signing/secret.ts';
import { signBody, signStandard, signTimestampedHex } from '../../src/signing/sign.ts';
import {
  anEvent,
  anyEvent,
  aRequest,
  ATTEMPT_TIME,
  builtIn,
  HEX_SECRET,
  OLD_HEX_SECRET,
  OLD_WHSEC_SECRET,
  WHSEC_SECRET,
} from './profiles-fixtures.ts';

const HOUR_MS = 3_600_000;
const inGrace = (secret: string) => ({ secret, validUntil: new Date(ATTEMPT_TIME.getTime() + HOUR_MS) });
const expired = (secret: string) => ({ secret, validUntil: ATTEMPT_TIME });

describe('known answers, computed with openssl', () => {
  const body = '{"id":"evt_1"}';

  it.each([
    [
      'The quick brown fox jumps over the lazy dog',
      'key',
      'f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8',
    ],
    [body, '0123456789abcdef', '058d37e5c6599b17f2260c5d771a650b4005c603b5b3f6e1134e79f85adacdea'],
  ])('hex of the body %j', (text, secret, expected) => {
    expect(signBody(secret, text, 'hex')).toBe(expected);
    expect(signBody(secret, Buffer.from(text), 'hex')).toBe(expected);
    expect(signBody(secret, text, 'base64')).toBe(Buffer.from(expected, 'hex').toString('base64'));
  });

  it('hex of time and body', () => {
    expect(signTimestampedHex('0123456789abcdef', 1715968923, body)).toBe(
      '94a601822a11d0de1f43a7fd2a10912330b87b12b116b938ec80d21155c5e192',
    );
  });

  it('standard', () => {
    expect(signStandard(WHSEC_SECRET, 'msg_1', 1715968923, body)).toBe(
      'v1,qt9XB0wngNtP7rlqH8d+bDFgxt7YBaCr7jcS1XkfRlQ=',
    );
  });
});

describe.each([
  ['standardwebhooks', StandardWebhook],
  ['svix', SvixWebhook],
])('the npm package %s', (_package, Webhook) => {
  beforeEach(() => void vi.useFakeTimers({ now: ATTEMPT_TIME, toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  it.each(['standard', 'eev'])(
    'verifies every event of the profile %s, and none that was tampered with',
    (name) => {
      fc.assert(
        fc.property(anyEvent, fc.uint8Array({ minLength: 24, maxLength: 64 }), fc.nat(), (event, key, at) => {
          const secret = `whsec_${Buffer.from(key).toString('base64')}`;
          const { body, headers } = aRequest(builtIn(name), { event, secret });
          expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
          expect(() => new Webhook(secret).verify(tamper(body, at), headers)).toThrow(
            'No matching signature',
          );
          expect(() => new Webhook(OLD_WHSEC_SECRET).verify(body, headers)).toThrow('No matching signature');
        }),
        { numRuns: 50 },
      );
    },
  );

  it('verifies with either secret during grace, and with the new one alone afterwards', () => {
    const profile = builtIn('standard');
    const during = aRequest(profile, { previousSecrets: [inGrace(OLD_WHSEC_SECRET)] });
    expect(during.headers['webhook-signature']).toMatch(/^v1,[\w+/]{43}= v1,[\w+/]{43}=$/);
    // The current one first, for receivers that read only one.
    const alone = aRequest(profile).headers['webhook-signature'];
    expect(during.headers['webhook-signature']?.split(' ')[0]).toBe(alone);
    expect(new Webhook(WHSEC_SECRET).verify(during.body, during.headers)).toBeTruthy();
    expect(new Webhook(OLD_WHSEC_SECRET).verify(during.body, during.headers)).toBeTruthy();

    const after = aRequest(profile, { previousSecrets: [expired(OLD_WHSEC_SECRET)] });
    expect(new Webhook(WHSEC_SECRET).verify(after.body, after.headers)).toBeTruthy();
    expect(() => new Webhook(OLD_WHSEC_SECRET).verify(after.body, after.headers)).toThrow(
      'No matching signature',
    );
  });

  it('verifies a secret without whsec_ as raw text', () => {
    const { body, headers } = aRequest(builtIn('eev'), { secret: 'ein-geheimnis-für-eev' });
    const raw = new Webhook(Buffer.from('ein-geheimnis-für-eev'), { format: 'raw' });
    expect(raw.verify(body, headers)).toBeTruthy();
  });
});

describe('agentbot', () => {
  /** Agentbot's customers do it like this: the parsed body is written again, and the first v1 is taken. */
  function sampleVerifier(header: string, parsedBody: unknown, secret: string): boolean {
    const [time = '', signature = ''] = header.split(',');
    const expected = createHmac('sha256', secret)
      .update(`${time.slice(2)}.${JSON.stringify(parsedBody)}`)
      .digest('hex');
    return timingSafeEqual(Buffer.from(signature.slice(3)), Buffer.from(expected));
  }

  it('passes a verifier that writes the parsed body again, whatever the data', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const { body, headers } = aRequest(builtIn('agentbot'), { event });
        const header = headers['X-Agentbot-Signature'] ?? '';
        expect(sampleVerifier(header, JSON.parse(body), HEX_SECRET)).toBe(true);
        expect(sampleVerifier(header, { ...JSON.parse(body), site_id: 'another' }, HEX_SECRET)).toBe(
          event.tenantId === 'another',
        );
      }),
    );
  });

  it('adds the old secrets after the current one while they are in grace', () => {
    const previousSecrets = [inGrace(OLD_HEX_SECRET), expired('expired-long-ago-123')];
    const { body, headers } = aRequest(builtIn('agentbot'), { previousSecrets });
    const unix = Math.floor(ATTEMPT_TIME.getTime() / 1000);
    const hex = (secret: string) => createHmac('sha256', secret).update(`${unix}.${body}`).digest('hex');
    expect(headers['X-Agentbot-Signature']).toBe(`t=${unix},v1=${hex(HEX_SECRET)},v1=${hex(OLD_HEX_SECRET)}`);
    expect(sampleVerifier(headers['X-Agentbot-Signature'] ?? '', JSON.parse(body), HEX_SECRET)).toBe(true);
  });
});

describe('8bit', () => {
  const hex = (secret: string, body: string) => createHmac('sha256', secret).update(body).digest('hex');

  it('signs the raw body and nothing else', () => {
    const { body, headers } = aRequest(builtIn('8bit'));
    expect(headers['X-8bit-Signature-256']).toBe(hex(HEX_SECRET, body));
    expect(headers).not.toHaveProperty('X-8bit-Signature-256-Previous');
  });

  it('decodes a secret that begins with whsec_', () => {
    const { body, headers } = aRequest(builtIn('8bit'), { secret: WHSEC_SECRET });
    const key = Buffer.from(WHSEC_SECRET.slice('whsec_'.length), 'base64');
    expect(headers['X-8bit-Signature-256']).toBe(createHmac('sha256', key).update(body).digest('hex'));
  });

  it('puts the newest old secret in grace into a header of its own', () => {
    const older = { secret: 'the-oldest-secret-1', validUntil: new Date(ATTEMPT_TIME.getTime() + 1000) };
    const previousSecrets = [older, inGrace(OLD_HEX_SECRET)];
    const { body, headers } = aRequest(builtIn('8bit'), { previousSecrets });
    expect(headers['X-8bit-Signature-256']).toBe(hex(HEX_SECRET, body));
    expect(headers['X-8bit-Signature-256-Previous']).toBe(hex(OLD_HEX_SECRET, body));
    expect(previousSecrets[0]).toBe(older);
  });

  it('drops it at the very second grace ends', () => {
    const { headers } = aRequest(builtIn('8bit'), { previousSecrets: [expired(OLD_HEX_SECRET)] });
    expect(headers).not.toHaveProperty('X-8bit-Signature-256-Previous');
  });
});

describe('no secret', () => {
  it('eev sends everything but the signature', () => {
    const { headers } = aRequest(builtIn('eev'), {
      secret: null,
      previousSecrets: [inGrace(OLD_WHSEC_SECRET)],
    });
    expect(headers).toEqual({
      'content-type': 'application/json',
      'webhook-id': 'evt_018f7d3c',
      'webhook-timestamp': '1779021600',
    });
  });

  it.each(['standard', '8bit', 'agentbot'])('%s refuses to send', (name) => {
    expect(() => aRequest(builtIn(name), { secret: null })).toThrow(`"${name}" requires one`);
  });
});

it('signs text and its bytes alike, and every attempt anew', () => {
  const event = anEvent();
  for (const name of ['standard', '8bit', 'agentbot']) {
    const { body, headers } = aRequest(builtIn(name), { event });
    const attempt = {
      event,
      deliveryId: 'dlv_77',
      attemptTime: ATTEMPT_TIME,
      secret: HEX_SECRET,
      previousSecrets: [],
    };
    const text = renderHeaders(builtIn(name), { ...attempt, body });
    expect(renderHeaders(builtIn(name), { ...attempt, body: Buffer.from(body) })).toEqual(text);
    const later = aRequest(builtIn(name), { event, attemptTime: new Date(ATTEMPT_TIME.getTime() + HOUR_MS) });
    expect(later.body).toBe(body);
    expect(later.headers).not.toEqual(headers);
  }
});

describe('secrets', () => {
  it('are 32 random bytes, as hex or whsec_', () => {
    expect(generateSecret('hex')).toMatch(/^[0-9a-f]{64}$/);
    expect(generateSecret('whsec')).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(secretKeyBytes(generateSecret('whsec'))).toHaveLength(32);
    expect(generateSecret('hex')).not.toBe(generateSecret('hex'));
    for (const format of ['hex', 'whsec'] as const) expect(checkSecret(generateSecret(format))).toBeNull();
  });

  it('stand for their decoded bytes with whsec_, else for their text', () => {
    expect(secretKeyBytes('whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX')).toEqual(
      Buffer.from([...Array(24).keys()]),
    );
    expect(secretKeyBytes('schlüssel')).toEqual(Buffer.from('schlüssel', 'utf8'));
  });

  it.each([
    ['sixteen-letters!', null],
    ['fifteen-letters', 'at least 16'],
    ['', 'at least 16'],
    ['x'.repeat(256), null],
    ['x'.repeat(257), 'at most 256'],
    [' a-secret-with-a-space', 'begin or end'],
    ['a-secret-with-a-newline\n', 'begin or end'],
    ['a-secret-with\na-newline', 'control characters'],
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', null],
    ['whsec_AAECAwQFBgcICQoLDA0ODw==', null],
    ['whsec_AAECAwQFBgcICQoLDA0O', 'at least 16 bytes after "whsec_"; this one holds 15'],
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS', 'base64'],
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa_-', 'base64'],
  ])('%j: %s', (secret, problem) => {
    if (problem === null) expect(checkSecret(secret)).toBeNull();
    else expect(checkSecret(secret)).toContain(problem);
  });
});

/** Another text of the same length that is JSON as often as not. */
function tamper(body: string, at: number): string {
  const i = at % body.length;
  return body.slice(0, i) + (body[i] === '1' ? '2' : '1') + body.slice(i + 1);
}
