/** Why a signature does not fit, as the dashboard works it out in the browser: from requests that are signed here as they are sent. */
import { describe, expect, it } from 'vitest';
import { loadProfiles } from '../../src/profiles/index.ts';
import { renderBody, renderHeaders } from '../../src/profiles/render.ts';
import type { Profile } from '../../web/api/types.ts';
import { checkReceived } from '../../web/pages/webhook/check-received.ts';

const profiles = loadProfiles(null);
const SECRETS: Record<string, string> = {
  whsec: `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`,
  hex: '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',
};
const OTHER: Record<string, string> = {
  whsec: `whsec_${Buffer.from('another-key-of-32-bytes-in-there').toString('base64')}`,
  hex: 'ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',
};

function sent(name: string, { secret, at = new Date() }: { secret?: string; at?: Date } = {}) {
  const known = profiles.get(name)!;
  const right = SECRETS[known.secretFormat]!;
  const event = {
    ...{ id: 'evt_1', tenantId: 't', type: 'order.paid', environment: 'production' as const },
    ...{ timestamp: new Date(), data: '{"n": 1.50, "text":"ä"}' },
  };
  const body = renderBody(known, event);
  const headers = renderHeaders(known, {
    ...{ event, deliveryId: 'dlv_1', body, attemptTime: at, secret: secret ?? right, previousSecrets: [] },
    ...{ signature: 'hmac' as const, signingKey: null },
  });
  const shown = Object.entries(headers).map(([header, value]) => `${header}: ${value}`);
  const profile = {
    ...{ name, signature: known.signature, headers: known.headers, secret_format: known.secretFormat },
  } as unknown as Profile;
  return { profile, headers: shown.join('\n'), body, right, other: OTHER[known.secretFormat]! };
}

describe.each(['standard', 'eev', '8bit', 'agentbot'])('what %s signs', (name) => {
  it('fits the secret that signed it, wherever that stands among those given', async () => {
    const { profile, headers, body, right, other } = sent(name);
    expect(await checkReceived(profile, headers, body, [right])).toMatchObject({ kind: 'match', secret: 0 });
    expect(await checkReceived(profile, headers, body, [other, right])).toMatchObject({
      ...{ kind: 'match', secret: 1 },
    });
    expect(await checkReceived(profile, headers, body, [other])).toEqual({ kind: 'none' });
  });

  it('is told from what was parsed and written again, or got white space', async () => {
    const { profile, headers, body, right } = sent(name);
    const again = JSON.stringify(JSON.parse(body), null, 2);
    // Where numbers look different afterwards, nobody can tell what was there.
    const compactAgain = JSON.stringify(JSON.parse(body)) === body;
    expect(await checkReceived(profile, headers, again, [right])).toEqual(
      compactAgain ? { kind: 'reserialised', secret: 0 } : { kind: 'none' },
    );
    expect(await checkReceived(profile, headers, `${body}\n`, [right])).toEqual({
      ...{ kind: 'whitespace', secret: 0 },
    });
  });

  it('names the header that is missing', async () => {
    const { profile, body, right } = sent(name);
    const found = await checkReceived(profile, 'content-type: application/json', body, [right]);
    expect(found).toEqual({ kind: 'no-header', header: profile.headers.signature });
  });

  it('is found in headers as logs and tools print them', async () => {
    const { profile, headers, body, right } = sent(name);
    const asJson = headers.replaceAll(/^([^:]+): (.*)$/gm, '  "$1": "$2",');
    expect(await checkReceived(profile, asJson, body, [right])).toMatchObject({ kind: 'match' });
    expect(
      await checkReceived(profile, headers.toUpperCase().replaceAll(/: .*/g, ''), body, [right]),
    ).toEqual({ kind: 'no-header', header: profile.headers.signature });
  });
});

it.each(['8bit', 'agentbot'])('%s: a secret of one’s own may be base64, too', async (name) => {
  const { profile, headers, body } = sent(name, { secret: OTHER.whsec! });
  expect(await checkReceived(profile, headers, body, [OTHER.whsec!])).toMatchObject({ kind: 'match' });
});

it.each(['standard', 'agentbot'])('%s: says how old it is', async (name) => {
  const { profile, headers, body, right } = sent(name, { at: new Date(Date.now() - 3_600_000) });
  const found = await checkReceived(profile, headers, body, [right]);
  expect(found).toMatchObject({ kind: 'match' });
  expect(found.kind === 'match' && Math.abs(found.ageSeconds! - 3600)).toBeLessThan(10);
});

it('says when the receiver took the secret for its bytes as text', async () => {
  const right = SECRETS.whsec!;
  // As a receiver would that does not decode what follows "whsec_".
  const asText = `whsec_${Buffer.from(right).toString('base64')}`;
  const { profile, headers, body } = sent('standard', { secret: asText });
  expect(await checkReceived(profile, headers, body, [right])).toEqual({ kind: 'text-key', secret: 0 });
});
