/** `posthorn publish --ndjson`: as much as there is, with as little in memory. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished } from 'vitest';
import { createOutput } from '../../src/cli/output.ts';
import { publishLines } from '../../src/cli/publish/lines.ts';
import type { PosthornClient } from '../../src/sdk/client/index.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function file(lines: number, text: (n: number) => string): string {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-lines-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'events.ndjson');
  writeFileSync(path, Array.from({ length: lines }, (_, n) => text(n)).join('\n'));
  return path;
}

/** Publishes the file to nobody. `onBatch`: with the events of each batch. */
async function publish(path: string, onBatch: (events: object[]) => void): Promise<string> {
  let said = '';
  const output = createOutput({
    json: false,
    color: false,
    stdout: (text) => (said += text),
    stderr: () => {},
  });
  const client = {
    publishBatch: async (events: object[]) => {
      onBatch(events);
      return { results: events.map((_, n) => ({ id: `evt_${n}`, delivery_ids: [] })) };
    },
  } as unknown as PosthornClient;
  await publishLines({ options: { color: false }, output, env: {} }, client, path, {});
  return said;
}

it('keeps nothing of what has been sent', async () => {
  const lines = 150_000;
  const path = file(lines, (n) => `{"type":"a.b","data":{"n":${n},"text":"${'x'.repeat(60)}"}}`);
  const used: number[] = [];
  let batches = 0;
  const said = await publish(path, () => {
    batches += 1;
    if (batches !== 10 && batches !== lines / 1_000) return;
    collectGarbage();
    used.push(process.memoryUsage().heapUsed);
  });
  expect(said).toContain(`${lines} accepted`);
  expect(used).toHaveLength(2);
  // Were each line kept, these would be some 40 MB.
  expect(used[1]! - used[0]!).toBeLessThan(8 << 20);
});

it('sends no more in a batch than a request may hold', async () => {
  const path = file(40, (n) => `{"type":"a.b","data":{"n":${n},"text":"${'x'.repeat(700_000)}"}}`);
  const sizes: number[] = [];
  await publish(path, (events) => void sizes.push(JSON.stringify(events).length));
  expect(sizes.length).toBeGreaterThan(4);
  for (const size of sizes) expect(size).toBeLessThan(7 << 20);
});
