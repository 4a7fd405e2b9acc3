/** What a browser has to load before the first page is there, from what the build has made. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

interface Chunk {
  file: string;
  imports?: string[];
}
const manifest = JSON.parse(readFileSync('dist/web/.vite/manifest.json', 'utf8')) as Record<string, Chunk>;

function withImports(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const one of manifest[name]!.imports ?? []) withImports(one, seen);
  return seen;
}
const packedKB = (names: Iterable<string>): number =>
  [...names].reduce(
    (sum, name) => sum + gzipSync(readFileSync(`dist/web/${manifest[name]!.file}`)).length,
    0,
  ) / 1000;

it('the first view takes at most 200 kB of packed script, in a dozen files', () => {
  const first = new Set([...withImports('index.html'), ...withImports('pages/webhooks/list.tsx')]);
  const size = packedKB(first);
  console.log(`first view: ${size.toFixed(1)} kB in ${first.size} files`);
  expect(size).toBeLessThan(200);
  // A browser asks for six at a time.
  expect(first.size).toBeLessThanOrEqual(12);
});

it('charts and the list of deliveries come when they are opened', () => {
  const first = [...withImports('index.html'), ...withImports('pages/webhooks/list.tsx')];
  expect(first.filter((name) => /charts|deliveries/.test(name))).toEqual([]);
});
