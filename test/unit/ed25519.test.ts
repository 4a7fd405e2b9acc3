/** Ed25519 signatures: RFC 8032's own example, and what a forger or a careless receiver may try. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { generateSigningKey, publicKeyOf, signEd25519 } from '../../src/signing/ed25519.ts';
import { publicKeyProblem } from '../../src/signing/key-text.ts';
import { importKey, isSignedBy } from '../../src/sdk/verify/signature.ts';
import { verifyWebhook } from '../../src/sdk/verify/index.ts';
import { signStandard } from '../../src/signing/sign.ts';

const fromHex = (prefix: string, hex: string) => prefix + Buffer.from(hex, 'hex').toString('base64');

it('signs as RFC 8032, test 3, says', () => {
  const seed = 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7';
  const open = 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025';
  const key = fromHex('whsk_', seed + open);
  expect(publicKeyOf(key)).toBe(fromHex('whpk_', open));
  expect(Buffer.from(signEd25519(key, '', Buffer.from('af82', 'hex')), 'base64').toString('hex')).toBe(
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  );
});

it('every key verifies what it has signed, and no other key, body or time does', async () => {
  const isRight = async (key: string, before: string, body: Uint8Array, signature: string) =>
    isSignedBy(await importKey(publicKeyOf(key)), { scheme: 'standard' }, [`v1a,${signature}`], before, body);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), fc.string(), async (body, before) => {
      const [key, other] = [generateSigningKey(), generateSigningKey()];
      const signature = signEd25519(key, before, body);
      expect(await isRight(key, before, body, signature)).toBe(true);
      expect(await isRight(other, before, body, signature)).toBe(false);
      expect(await isRight(key, `${before}x`, body, signature)).toBe(false);
      expect(await isRight(key, before, Buffer.concat([body, Buffer.of(0)]), signature)).toBe(false);
      expect(await isRight(key, before, body, '')).toBe(false);
    }),
    { numRuns: 50 },
  );
});

it('a receiver that has the public key takes v1a only, and refuses what is no public key', async () => {
  const key = generateSigningKey();
  const open = publicKeyOf(key);
  const now = new Date();
  const unix = Math.floor(now.getTime() / 1000);
  const body = '{"type":"a.b","timestamp":"2026-01-01T00:00:00.000Z","data":{}}';
  const verify = (signature: string, secret: string) =>
    verifyWebhook({
      profile: 'standard',
      secret,
      headers: { 'webhook-id': 'evt_1', 'webhook-timestamp': String(unix), 'webhook-signature': signature },
      body,
      now,
    });
  const right = signStandard(key, 'evt_1', unix, body);
  expect((await verify(`v1,AAAA ${right}`, open)).id).toBe('evt_1');
  const asHmac = `v1,${right.slice(4)}`;
  // The public key is public: an HMAC made with it proves nothing.
  const forged = signStandard(open.replace('whpk_', 'whsec_'), 'evt_1', unix, body);
  for (const wrong of [asHmac, forged, forged.replace('v1,', 'v1a,'), 'v1a,', 'v1a,AAAA'])
    await expect(verify(wrong, open), wrong).rejects.toThrow('No signature matches');
  for (const wrong of ['whpk_', 'whpk_AAAA', `${open}A`, key])
    await expect(verify(right, wrong), wrong).rejects.toThrow(TypeError);
  expect(publicKeyProblem(open)).toBeNull();
});
