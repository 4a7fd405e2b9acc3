import { expect, it } from 'vitest';
import type { Endpoint } from '../../src/domain.ts';
import { createEndpointCache, type EndpointCacheDeps } from '../../src/store/endpoint-cache.ts';

const TENANT = 't';

function cacheOf(headers: Record<string, string>) {
  const asked: string[] = [];
  const cache = createEndpointCache({
    db: {},
    store: {
      findMany: (wanted: { id: string }[]) => {
        asked.push(...wanted.map(({ id }) => id));
        return Promise.resolve(wanted.map(({ id }) => ({ id, headers }) as unknown as Endpoint));
      },
    },
    listener: { on: () => undefined, onConnect: () => undefined, connected: () => true },
  } as unknown as EndpointCacheDeps);
  return { cache, asked };
}

const ids = Array.from({ length: 3_000 }, (_, n) => `ep_${n}`);

it('keeps what it has looked up', async () => {
  const { cache, asked } = cacheOf({});
  for (let round = 0; round < 2; round += 1) await Promise.all(ids.map((id) => cache.get(TENANT, id)));
  expect(asked).toHaveLength(ids.length);
});

it('is bounded in bytes: of large endpoints it keeps fewer, the last', async () => {
  const bytes = 60_000;
  const { cache } = cacheOf({ 'x-large': 'x'.repeat(bytes) });
  await Promise.all(ids.map((id) => cache.get(TENANT, id)));
  const kept = ids.filter((id) => cache.peek(TENANT, id) !== undefined);
  expect(kept.length * bytes).toBeLessThan(64 << 20);
  expect(kept.length).toBeGreaterThan(500);
  expect(kept.at(-1)).toBe(ids.at(-1));
});
