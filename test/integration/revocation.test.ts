/** What was revoked is refused within a second in every process, also in one whose connection for notifications has fallen silent. */
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createKeyRing, type KeyRing } from '../../src/access/key-ring.ts';
import { createTokenKeys } from '../../src/access/token-keys.ts';
import { createTokens, type Tokens } from '../../src/access/tokens.ts';
import { insertApiKey, revokeApiKey } from '../../src/store/api-keys.ts';
import { startListener, type Listener } from '../../src/store/listener.ts';
import { createPool, type Pool } from '../../src/store/pool.ts';
import { createSeal } from '../../src/store/seal.ts';
import { createTenantStore, type TenantStore } from '../../src/store/tenants.ts';
import { createDatabase } from '../support/posthorn.ts';
import { startProxy, type TestProxy } from '../support/proxy.ts';
import { until } from '../support/until.ts';

const log = pino({ level: 'silent' });

/** The connection for notifications alone goes through it. */
let proxy: TestProxy;
let listener: Listener;
let db: Pool;
let ring: KeyRing;
let tokens: Tokens;
let tenants: TenantStore;
/** Statements that were asked about keys and tokens. */
let asked = 0;
let isAway = false;

beforeAll(async () => {
  const url = new URL(await createDatabase());
  db = createPool(url.href, 4);
  proxy = await startProxy(Number(url.port));
  url.port = String(proxy.port);
  listener = startListener(url.href, log);
  const counted = {
    query: ((config: { text: string }) => {
      asked += 1;
      return isAway ? Promise.reject(new Error('Connection terminated')) : db.query(config);
    }) as Pool['query'],
  } as Pool;
  tenants = createTenantStore(counted, listener);
  ring = createKeyRing({ db: counted, listener, log });
  const keys = createTokenKeys({ db, seal: createSeal([]) });
  tokens = createTokens({ db, keys, tenants, listener });
  await heard();
});
afterAll(async () => {
  await Promise.all([ring.stop(), listener.stop()]);
  await proxy.stop();
  await db.end();
});

const heard = () => until(() => listener.hasHeard(400), Boolean);

/** A key, and whether whoever presents it is let in. */
async function makeKey(id: string) {
  const digest = Buffer.from(id.padEnd(32)).toString('hex');
  const key = { id, digest, prefix: 'ph_', name: 'n', scopes: ['read' as const] };
  await insertApiKey(db, { ...key, tenantId: null, expiresAt: null }, 10);
  const isLetIn = async () => (await ring.find(digest)) !== null;
  await until(isLetIn, Boolean);
  return { isLetIn, revoke: () => revokeApiKey(db, id) };
}

/** A tenant's token, and the same. */
async function makeToken(tenantId: string) {
  const request = { tenantId, capability: 'read' as const, expiresInSeconds: 60, subject: null };
  const { token } = await tokens.issue(request);
  const isLetIn = async () => (await tokens.verify(token)) !== null;
  expect(await isLetIn()).toBe(true);
  return { isLetIn, revoke: () => tokens.revokeAll(tenantId) };
}

it('while notifications come, nothing is asked', async () => {
  const [key, token] = [await makeKey('key_heard'), await makeToken('heard')];
  const before = asked;
  for (let n = 0; n < 20; n += 1) expect([await key.isLetIn(), await token.isLetIn()]).toEqual([true, true]);
  expect(asked).toBe(before);
});

it.each([
  ['key', makeKey],
  ['token', makeToken],
])(
  'the connection has fallen silent: a %s that is revoked is refused within a second, another let in',
  async (_kind, make) => {
    await heard();
    const [revoked, other] = [await make('revoked'), await make('other')];
    proxy.mute();
    const before = asked;
    const begunAtMs = performance.now();
    await revoked.revoke();
    await until(revoked.isLetIn, (isLetIn) => !isLetIn, 5);
    expect(performance.now() - begunAtMs).toBeLessThan(1_000);
    expect(await other.isLetIn()).toBe(true);
    expect(listener.connected()).toBe(true);
    // Not for every request, and one is the revocation itself.
    expect(asked - before).toBeLessThan(8);
    proxy.release();
    await heard();
    expect([await revoked.isLetIn(), await other.isLetIn()]).toEqual([false, true]);
  },
);

it('Postgres cannot be asked either: nobody is let in on what was known', async () => {
  await heard();
  const [key, token] = [await makeKey('key_away'), await makeToken('away')];
  proxy.mute();
  isAway = true;
  await until(
    () => Promise.allSettled([key.isLetIn(), token.isLetIn()]),
    (both) => both.every(({ status }) => status === 'rejected'),
    5,
  );
  isAway = false;
  expect([await key.isLetIn(), await token.isLetIn()]).toEqual([true, true]);
  proxy.release();
});
