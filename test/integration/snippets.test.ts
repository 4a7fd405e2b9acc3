/** The code that the dashboard gives to receivers, run as it stands there against webhooks that have been delivered. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadProfiles } from '../../src/profiles/index.ts';
import type { Profile } from '../../web/api/types.ts';
import { ed25519Code } from '../../web/pages/webhook/snippets/ed25519.ts';
import { LANGUAGES } from '../../web/pages/webhook/snippets/languages.ts';
import { newTenant, useRig } from '../support/rig.ts';
import { answersOf, isThere, PROGRAMS, type SnippetCase } from '../support/snippet-programs.ts';
import { aRequest, HEX_SECRET, WHSEC_SECRET } from '../unit/profiles-fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'snippets-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Beside the built-in ones: other names of headers, a prefix, base64, and each kind of secret where one would not expect it. */
const OWN_PROFILES = [
  {
    ...{ name: 'acme-body', signature: { scheme: 'base64-body', prefix: 'sha256=' }, secretFormat: 'whsec' },
    headers: { signature: 'X-Acme-Signature', previousSignature: 'X-Acme-Signature-Old' },
  },
  {
    ...{ name: 'acme-standard', signature: { scheme: 'standard' }, secretFormat: 'hex' },
    headers: { eventId: 'X-Acme-Id', timestamp: 'X-Acme-Timestamp', signature: 'X-Acme-Signature' },
  },
].map((profile) => ({
  ...profile,
  description: 'Of a deployment',
  envelope: [{ field: 'data', from: 'data' }],
  schedule: { delaysSeconds: [60], maxRetries: 1 },
  timeoutSeconds: 10,
}));
const profilesFile = join(folder, 'profiles.json');
writeFileSync(profilesFile, JSON.stringify(OWN_PROFILES));

const rig = useRig({ POSTHORN_PROFILES_FILE: profilesFile });
const TEXT_SECRET = 'a plain text secret';
const NO_SECRETS = ['', 'whsec_', 'whsec_!!!!', 'whsec_AAAA', 'undefined'];

type Request = Pick<SnippetCase, 'headers' | 'body'>;

/** What an endpoint got, and the secrets it may be checked with: after a rotation both. */
async function delivered(profile: string, settings: object, isRotated = false) {
  const tenant = newTenant();
  const endpoint = await rig.endpoint(tenant, `/${tenant}`, { profile, ...settings });
  const secrets: string[] = [endpoint.secret];
  const publicKey: string = endpoint.public_key;
  if (isRotated) {
    const path = `/v1/tenants/${tenant}/endpoints/${endpoint.id}/secret/rotate`;
    secrets.push((await rig.call('POST', path, { grace_seconds: 3600 })).body.secret);
  }
  await rig.publish(tenant, { data: { id: 'conv_1', text: 'naïve ✓ <b>&</b>', amount: 1e21 } });
  const [received] = await rig.calls(`/${tenant}`, 1);
  return { secrets, publicKey, request: received as Request };
}

async function casesOf(profile: Profile, snippet: number): Promise<SnippetCase[]> {
  const { name } = profile;
  const isStandard = profile.signature.scheme === 'standard';
  const [plain, rotated, text, base64, both] = await Promise.all([
    delivered(name, {}),
    delivered(name, {}, true),
    delivered(name, { secret: TEXT_SECRET }),
    delivered(name, { secret: WHSEC_SECRET }),
    delivered(name, isStandard ? { signature: 'both' } : {}),
  ]);
  const { request, secrets } = plain;
  const secret = secrets[0]!;
  const is = (isGenuine: boolean, what: string, one: Request, key = secret): SnippetCase => ({
    ...{ what: `${name}: ${what}`, snippet, secret: key, isGenuine },
    ...{ headers: one.headers, body: one.body },
  });
  const signature = profile.headers.signature.toLowerCase();
  const { [signature]: _left, ...unsigned } = request.headers;
  // What no Posthorn would send now, signed by the same code.
  const known = loadProfiles(profilesFile).get(name)!;
  const signed = (attempt: { attemptTime?: Date; secret?: string }): Request => {
    const { headers, body } = aRequest(known, { attemptTime: new Date(), secret, ...attempt });
    const lower = Object.entries(headers).map(([header, value]) => [header.toLowerCase(), value]);
    return { headers: Object.fromEntries(lower) as Record<string, string>, body };
  };
  const isDated = profile.headers.timestamp !== undefined || profile.signature.scheme === 'timestamped-hex';
  const at = (seconds: number) => signed({ attemptTime: new Date(Date.now() + seconds * 1000) });
  return [
    is(true, 'genuine', request),
    ...rotated.secrets.map((key, n) => is(true, `secret ${n + 1} in grace`, rotated.request, key)),
    is(true, 'a secret of plain text', text.request, text.secrets[0]),
    is(true, 'a secret in base64', base64.request, base64.secrets[0]),
    is(true, 'signed with Ed25519 besides', both.request, both.secrets[0]),
    is(false, 'a changed body', { ...request, body: request.body.replace('conv_1', 'conv_2') }),
    is(false, 'a body with white space', { ...request, body: `${request.body}\n` }),
    is(false, 'the secret of another', request, rotated.secrets[0]),
    is(false, 'another kind of secret', request, secret.startsWith('whsec_') ? HEX_SECRET : WHSEC_SECRET),
    is(false, 'no signature', { ...request, headers: unsigned }),
    is(false, 'no headers', { ...request, headers: {} }),
    is(!isDated, 'older than five minutes', at(-400)),
    is(!isDated, 'of a time to come', at(400)),
    ...NO_SECRETS.map((none) => is(false, `forged with "${none}"`, signed({ secret: none }), none)),
  ];
}

let profiles: Profile[];
let cases: SnippetCase[];
beforeAll(async () => {
  profiles = (await rig.call('GET', '/v1/profiles')).body.data as Profile[];
  cases = (await Promise.all(profiles.map(casesOf))).flat();
});

for (const { name, make } of LANGUAGES) {
  const program = PROGRAMS[name];
  it.skipIf(!isThere(program))(
    `${name}: takes what is genuine, and nothing else, in every format`,
    async () => {
      const own = join(folder, name);
      mkdirSync(own);
      const answers = await answersOf(program, own, profiles.map(make), cases);
      // Where there is no secret to speak of, the code may say so instead.
      const shown = cases.map(({ what, secret }, index) => {
        const answer = answers[index];
        return [what, NO_SECRETS.includes(secret) ? answer === true : answer];
      });
      expect(shown).toEqual(cases.map(({ what, isGenuine }) => [what, isGenuine]));
    },
  );
}

it('Node: checks Ed25519 with the public key, where nothing else signs', async () => {
  const own = join(folder, 'ed25519');
  mkdirSync(own);
  const formats = profiles.filter(({ signature }) => signature.scheme === 'standard');
  const of = formats.map(async ({ name }, snippet) => {
    const [{ request, publicKey }, other] = await Promise.all([
      delivered(name, { signature: 'ed25519' }),
      delivered(name, { signature: 'ed25519' }),
    ]);
    const { headers, body } = request;
    const genuine = { what: name, snippet, secret: publicKey, headers, body, isGenuine: true };
    return [
      genuine,
      { ...genuine, body: body.replace('conv_1', 'conv_2'), isGenuine: false },
      { ...genuine, secret: other.publicKey, isGenuine: false },
      { ...genuine, headers: {}, isGenuine: false },
    ];
  });
  const all = (await Promise.all(of)).flat();
  const answers = await answersOf(PROGRAMS.Node, own, formats.map(ed25519Code), all);
  expect(answers).toEqual(all.map(({ isGenuine }) => isGenuine));
});
