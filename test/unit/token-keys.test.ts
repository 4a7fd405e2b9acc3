/** The keys that sign tenants' tokens: read when they are wanted, once for all who want them. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createTokenKeys } from '../../src/access/token-keys.ts';
import { createSeal } from '../../src/store/seal.ts';

let answer: () => void;
const query = vi.fn();
const keysOf = (...ids: string[]) => {
  const rows = ids.map((id) => ({
    ...{ id, secret: Buffer.alloc(32, id).toString('base64'), created_at: new Date() },
  }));
  query.mockImplementation(() => new Promise((resolve) => (answer = () => resolve({ rows }))));
};
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

beforeEach(() => {
  query.mockReset();
  // A process that has just begun.
  vi.spyOn(performance, 'now').mockReturnValue(20);
});
afterEach(() => vi.restoreAllMocks());

const create = () => createTokenKeys({ db: { query }, seal: createSeal([]) });

it('are read for the first token that comes, just after the start, too', async () => {
  keysOf('sig_1');
  const found = create().toVerify('sig_1');
  await turn();
  expect(query).toHaveBeenCalledTimes(1);
  answer();
  expect(await found).toMatchObject({ id: 'sig_1' });
});

it('are waited for by all tokens that come while they are read', async () => {
  keysOf('sig_1');
  const keys = create();
  const found = [keys.toVerify('sig_1'), keys.toVerify('sig_1')];
  await turn();
  found.push(keys.toVerify('sig_1'));
  await turn();
  answer();
  for (const key of await Promise.all(found)) expect(key).toMatchObject({ id: 'sig_1' });
  expect(query).toHaveBeenCalledTimes(1);
});

it('are read again for one that nobody knows, once a second at most', async () => {
  keysOf('sig_1');
  const keys = create();
  const first = keys.toVerify('sig_1');
  answer();
  await first;
  keysOf('sig_2');
  for (let n = 0; n < 5; n += 1) expect(await keys.toVerify('sig_2')).toBeNull();
  expect(query).toHaveBeenCalledTimes(1);
  vi.spyOn(performance, 'now').mockReturnValue(1_100);
  const found = keys.toVerify('sig_2');
  await turn();
  answer();
  expect(await found).toMatchObject({ id: 'sig_2' });
});
