import { setTimeout as sleep } from 'node:timers/promises';
import type { PosthornClient } from '../../sdk/client/index.ts';
import { connectTenant } from '../connect.ts';
import { failureOf } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { printable } from '../../printable.ts';
import type { Run } from '../run.ts';

const ASK_EVERY_MS = 250;
/** An endpoint may take 30 s, and there may be others before it. */
const PATIENCE_MS = 60_000;

/** Each by itself: one that is refused keeps none of the others. The exit code is that of the first that failed. */
export async function retry(run: Run<{ wait?: boolean }>, ids: string[]): Promise<ExitCode> {
  const { client } = connectTenant(run);
  const { output, options } = run;
  let exitCode: ExitCode = EXIT.ok;
  for (const id of ids) {
    try {
      const before = options.wait ? (await client.deliveries.get(id)).attempt_count : 0;
      const ordered = await client.deliveries.retry(id);
      const made = options.wait ? await attemptAfter(client, id, before) : null;
      const failed = options.wait && made?.error !== null;
      if (failed && exitCode === EXIT.ok) exitCode = EXIT.failed;
      output.record(made ? { ...ordered, attempt: made } : ordered, () => {
        const note = ordered.note ? ` (${ordered.note})` : '';
        const came = made
          ? `: ${made.status_code ?? ''} ${made.error?.message ?? 'delivered'}`
          : ': asked for';
        output.line(printable(`${id}${options.wait && !made ? ': no attempt yet' : came}${note}`));
      });
    } catch (error) {
      const failure = failureOf(error);
      if (exitCode === EXIT.ok) exitCode = failure.exitCode;
      output.record({ id, error: failure.problem ?? { detail: failure.message } }, () =>
        output.note(`${id}: ${printable(failure.message)}`),
      );
      // Whoever has no key, or no server, has none for the others either.
      if (failure.exitCode === EXIT.notPermitted || failure.exitCode === EXIT.unavailable) break;
    }
  }
  return exitCode;
}

/** The first attempt by hand beyond so many; null: none came in time. */
async function attemptAfter(client: PosthornClient, id: string, before: number) {
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (performance.now() < giveUpAt) {
    const { attempts } = await client.deliveries.get(id);
    const made = attempts.find(({ number }) => number > before);
    if (made) return made;
    await sleep(ASK_EVERY_MS);
  }
  return null;
}
