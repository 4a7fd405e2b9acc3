import { Option, type Command } from 'commander';
import { connectTenant } from '../connect.ts';
import { withExamples } from '../examples.ts';
import { listOptions, showList, type ListOptions } from '../lists.ts';
import { status } from '../output.ts';
import { progressText, showReplay } from '../replay/show.ts';
import { does } from '../run.ts';
import { list, positiveNumber, timeOption } from '../values.ts';

export interface ReplayOptions {
  since: string;
  until?: string;
  kind?: string;
  statuses?: string[];
  eventTypes?: string[];
  perSecond?: number;
  dryRun?: boolean;
  wait: boolean;
}

export function addReplay(program: Command): void {
  withExamples(
    program
      .command('replay <endpoint-id>')
      .summary('send events to an endpoint again')
      .description(
        'Send events to an endpoint again, and show how far it is. Ctrl-C asks whether it shall go on without you, be paused\n' +
          'or cancelled; without a terminal it goes on.',
      )
      .addOption(
        new Option('--since <time>', 'deliveries made then or later, or so long ago: 2h, 7d')
          .argParser(timeOption)
          .makeOptionMandatory(),
      )
      .addOption(new Option('--until <time>', 'and before').argParser(timeOption))
      .addOption(
        new Option('--kind <kind>', 'what never arrived; all that has ended; what it was never sent').choices(
          ['failed', 'all', 'missing'],
        ),
      )
      .addOption(new Option('--statuses <list>', 'with commas: failed,cancelled').argParser(list))
      .addOption(new Option('--event-types <patterns>', 'with commas: order.*').argParser(list))
      .addOption(new Option('--per-second <n>', 'no faster').argParser(positiveNumber))
      .option('--dry-run', 'only count')
      .option('--no-wait', 'begin it, and leave it going')
      .action(
        does<ReplayOptions>(async (run, endpointId) => {
          const { replay } = await import('../replay/index.ts');
          return replay(run, endpointId!);
        }),
      ),
    ['replay ep_01 --tenant acme --since 24h --dry-run', 'how much would it be?'],
    ['replay ep_01 --tenant acme --since 24h --per-second 20', 'what failed within a day, slowly'],
  );
  addReplays(program);
}

function addReplays(program: Command): void {
  const replays = program.command('replays').description('Replays that go on, and those that have ended.');
  withExamples(
    listOptions(replays.command('list').description('Replays, newest first.'))
      .option('--endpoint <id>', 'to this endpoint')
      .action(
        does<ListOptions & { endpoint?: string }>((run) => {
          const { endpoint } = run.options;
          const query = endpoint === undefined ? {} : { endpoint_id: endpoint };
          const { client } = connectTenant(run);
          return showList(run.output, run.options, (limit) => client.replays.list({ ...query, limit }), {
            head: ['CREATED', 'ID', 'STATUS', 'KIND', 'ENDPOINT', 'PROGRESS'],
            row: (one) => [
              one.created_at,
              one.id,
              status(one.status),
              one.kind,
              one.endpoint_id,
              progressText(one),
            ],
            none: 'There are no replays.',
          });
        }),
      ),
    ['replays list --tenant acme', 'what was sent again'],
  );
  withExamples(
    replays
      .command('watch <id>')
      .description('Show how far a replay is until it ends, as "posthorn replay" does.')
      .action(
        does(async (run, id) => {
          const { watch } = await import('../replay/index.ts');
          return watch(run, id!);
        }),
      ),
    ['replays watch rpl_01 --tenant acme', 'after it was left going'],
  );
  const byId = (name: 'show' | 'pause' | 'resume' | 'cancel', what: string) =>
    withExamples(
      replays
        .command(`${name} <id>`)
        .description(what)
        .action(
          does(async (run, id) => {
            const { client } = connectTenant(run);
            const replay = await client.replays[name === 'show' ? 'get' : name](id!);
            run.output.answer(replay, () => showReplay(run.output, replay));
          }),
        ),
      [`replays ${name} rpl_01 --tenant acme`, what.toLowerCase().replace(/\.$/, '')],
    );
  byId('show', 'How far a replay is.');
  byId('pause', 'Make no more deliveries until it is resumed.');
  byId('resume', 'Go on.');
  byId('cancel', 'End it, and cancel what it made that has not ended.');
}
