/** `posthorn replay`: begins one, and shows how far it is. */
import { createInterface } from 'node:readline/promises';
import type { PosthornClient } from '../../sdk/client/index.ts';
import type { ReplayOptions } from '../commands/replays.ts';
import { printable } from '../../printable.ts';
import { connectTenant } from '../connect.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { untilStopped } from '../interrupt.ts';
import type { Run } from '../run.ts';
import { progressText, showReplay, type Replay } from './show.ts';

const POLL_SECONDS = 1;

export async function replay(run: Run<ReplayOptions>, endpointId: string): Promise<ExitCode> {
  const { options, output } = run;
  const { client } = connectTenant(run);
  const { since, until, kind, statuses, eventTypes, perSecond, dryRun = false } = options;
  const begun = await client.replays.create({
    endpoint_id: endpointId,
    since,
    dry_run: dryRun,
    ...(until === undefined ? {} : { until }),
    ...(kind === undefined ? {} : { kind: kind as 'failed' }),
    ...(statuses === undefined ? {} : { statuses: statuses as 'failed'[] }),
    ...(eventTypes === undefined ? {} : { event_types: eventTypes }),
    ...(perSecond === undefined ? {} : { per_second: perSecond }),
  });
  if (!('id' in begun)) {
    const { total, skipped, is_complete: isComplete } = begun;
    output.answer(begun, () =>
      output.line(
        printable(
          `${isComplete ? '' : 'at least '}${total} deliveries; ${skipped} events have no data any more and would be skipped`,
        ),
      ),
    );
    return EXIT.ok;
  }
  if (options.wait) return follow(run, client, begun.id);
  output.answer(begun, () => showReplay(output, begun));
  return EXIT.ok;
}

export const watch = (run: Run<object>, id: string): Promise<ExitCode> =>
  follow(run, connectTenant(run).client, id);

/** Until it ends: 1 where something of it failed or it was cancelled. Ctrl-C ends the looking, and asks about the rest. */
async function follow(run: Run<object>, client: PosthornClient, id: string): Promise<ExitCode> {
  const { output } = run;
  const stopped = untilStopped();
  const looking = new AbortController();
  void stopped.promise.then(() => looking.abort());
  const progress = createProgress(run);
  output.note(`replay ${id}: Ctrl-C ends the looking`);
  try {
    const ended = await client.replays.wait(id, {
      pollSeconds: POLL_SECONDS,
      signal: looking.signal,
      onProgress: progress.show,
    });
    progress.end();
    if (!output.json) showReplay(output, ended);
    return ended.status === 'completed' && ended.failed + ended.cancelled === 0 ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (!looking.signal.aborted) throw error;
    progress.end();
    stopped.done();
    await leave(run, client, id);
    return EXIT.interrupted;
  } finally {
    stopped.done();
  }
}

/** On a terminal one line that changes; else, and in JSON, a line whenever something is different. */
function createProgress({ output }: Run<object>): { show(replay: Replay): void; end(): void } {
  const isTerminal = process.stderr.isTTY && !output.json;
  let last = '';
  return {
    show(replay) {
      const reason = replay.reason ? ` (${replay.reason})` : '';
      const text = printable(`${replay.status}${reason}  ${progressText(replay)}`);
      if (text === last) return;
      last = text;
      if (isTerminal) process.stderr.write(`\r\u001b[K${text}`);
      else output.record(replay, () => output.note(text));
    },
    end() {
      if (isTerminal && last !== '') process.stderr.write('\n');
    },
  };
}

async function leave({ output }: Run<object>, client: PosthornClient, id: string): Promise<void> {
  const choice = process.stdin.isTTY && process.stderr.isTTY ? await ask(id) : 'leave';
  if (choice === 'leave') {
    output.note(
      `The replay goes on: posthorn replays watch ${id} shows it again; replays pause or replays cancel stops it.`,
    );
    return;
  }
  const replay = await client.replays[choice](id);
  output.note(`${replay.status}: ${progressText(replay)}`);
  if (choice === 'pause') output.note(`It goes on with: posthorn replays resume ${id}`);
}

async function ask(id: string): Promise<'leave' | 'pause' | 'cancel'> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // A second Ctrl-C, or the end of the input: the replay is left alone.
    const over = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    const asked = lines.question(
      `Replay ${id} is going on. [Enter] leave it going, p: pause it, c: cancel it? `,
    );
    const answer = (await Promise.race([asked, over])).trim().toLowerCase();
    if (answer === 'p' || answer === 'pause') return 'pause';
    return answer === 'c' || answer === 'cancel' ? 'cancel' : 'leave';
  } finally {
    lines.close();
  }
}
