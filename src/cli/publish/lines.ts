/** Many events, a line each: sent in batches, with as little in memory. */
import { createReadStream } from 'node:fs';
import type { PosthornClient } from '../../sdk/client/index.ts';
import { printable } from '../../printable.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { parseExact } from '../../exact-json.ts';
import type { Run } from '../run.ts';

/** Of the API: 1000, and 16 MiB. Numbers and escapes may be written longer than they came. */
const BATCH_EVENTS = 1_000;
const BATCH_BYTES = 6 * 1024 * 1024;

interface Line {
  number: number;
  event: object;
}

interface Counts {
  accepted: number;
  refused: number;
  deliveries: number;
}

/** 1 when a line was refused. Those before and after it are published all the same. */
export async function publishLines(
  run: Run<object>,
  client: PosthornClient,
  file: string,
  defaults: Record<string, unknown>,
): Promise<ExitCode> {
  const { output } = run;
  const counts: Counts = { accepted: 0, refused: 0, deliveries: 0 };
  let batch: Line[] = [];
  let bytes = 0;

  function refuse(line: number, message: string, problem?: unknown): void {
    counts.refused += 1;
    output.record({ line, error: problem ?? { detail: message } }, () =>
      output.note(`line ${line}: ${printable(message)}`),
    );
  }

  async function send(): Promise<void> {
    const lines = batch;
    batch = [];
    bytes = 0;
    if (lines.length === 0) return;
    const { results } = await client
      .publishBatch(lines.map(({ event }) => event) as never)
      .catch((error: Error) => {
        throw stopped(error, lines[0]!.number, counts);
      });
    results.forEach((result, n) => {
      const { number } = lines[n]!;
      if ('error' in result && result.error) return refuse(number, ofLine(result.error.detail), result.error);
      const { id, delivery_ids: deliveries } = result as { id: string; delivery_ids: string[] };
      counts.accepted += 1;
      counts.deliveries += deliveries.length;
      output.record({ line: number, id, delivery_ids: deliveries }, () => {});
    });
  }

  let number = 0;
  for await (const text of linesOf(file)) {
    number += 1;
    if (text.trim() === '') continue;
    const parsed = parseExact(text);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
      refuse(number, 'is not a JSON object');
      continue;
    }
    const size = Buffer.byteLength(text);
    if (bytes + size > BATCH_BYTES || batch.length === BATCH_EVENTS) await send();
    batch.push({ number, event: { ...defaults, ...parsed } });
    bytes += size;
  }
  await send();
  if (!output.json)
    output.line(
      `${counts.accepted} accepted, ${counts.refused} refused; ${counts.deliveries} deliveries on the way`,
    );
  return counts.refused > 0 ? EXIT.failed : EXIT.ok;
}

/** Which event of the batch it was is nothing to whoever counts lines. */
const ofLine = (detail: string): string => detail.replaceAll(/\bevents\[\d+\]\.?/g, '');

/** What is published stays so: whoever goes on must know from where. */
function stopped(error: Error, line: number, { accepted, refused }: Counts): Error {
  const { exitCode = EXIT.unavailable } = error as { exitCode?: ExitCode };
  return new CliError(
    `${error.message}\nStopped at line ${line}; before it, ${accepted} were accepted and ${refused} refused.`,
    exitCode,
    'Go on from that line. Events with an "id" of their own can be repeated without harm.',
  );
}

/** Not by readline: for that, a line also ends at U+2028 and U+2029, which stand in JSON's texts as they are. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const input = (file === '-' ? process.stdin : createReadStream(file)).setEncoding('utf8');
  let begun = '';
  try {
    for await (const chunk of input as AsyncIterable<string>) {
      const [end, ...others] = chunk.split('\n');
      begun += end;
      for (const next of others) {
        yield begun;
        begun = next;
      }
    }
  } catch (error) {
    throw new CliError(`${file} cannot be read: ${(error as Error).message}`, EXIT.usage);
  }
  yield begun;
}
