import { Option, type Command } from 'commander';
import { connectTenant } from '../connect.ts';
import { withExamples } from '../examples.ts';
import { listOptions, showList, type ListOptions } from '../lists.ts';
import { printable } from '../../printable.ts';
import { does } from '../run.ts';
import { deliveryHead, deliveryRow, showDelivery } from '../delivery/show.ts';
import { list, positiveNumber, timeOption, wholeNumber } from '../values.ts';

export interface FilterOptions {
  status?: string[];
  endpoint?: string;
  event?: string;
  replay?: string;
  eventType?: string;
  environment?: string;
  since?: string;
  until?: string;
}

export interface TailOptions extends FilterOptions {
  follow?: boolean;
  lines: number;
  interval: number;
}

const filterOptions = (command: Command): Command =>
  command
    .addOption(new Option('--status <statuses>', 'with commas: failed,retrying').argParser(list))
    .option('--endpoint <id>', 'to this endpoint')
    .option('--event <id>', 'of this event')
    .option('--replay <id>', 'of this replay')
    .option('--event-type <type>', 'of events of this type')
    .option('--environment <name>', 'of events of this environment');

export const filterOf = (options: FilterOptions) => ({
  ...(options.status === undefined ? {} : { status: options.status as 'failed'[] }),
  ...(options.endpoint === undefined ? {} : { endpoint_id: options.endpoint }),
  ...(options.event === undefined ? {} : { event_id: options.event }),
  ...(options.replay === undefined ? {} : { replay_id: options.replay }),
  ...(options.eventType === undefined ? {} : { event_type: options.eventType }),
  ...(options.environment === undefined ? {} : { environment: options.environment as 'production' }),
  ...(options.since === undefined ? {} : { since: options.since }),
  ...(options.until === undefined ? {} : { until: options.until }),
});

export function addDeliveries(program: Command): void {
  const deliveries = program.command('deliveries').description('Events on their way to endpoints.');
  withExamples(
    listOptions(filterOptions(deliveries.command('list').description('Deliveries, newest first.')))
      .addOption(new Option('--since <time>', 'made then or later, or so long ago: 2h').argParser(timeOption))
      .addOption(new Option('--until <time>', 'made before').argParser(timeOption))
      .action(
        does<ListOptions & FilterOptions>((run) => {
          const { client } = connectTenant(run);
          const filter = filterOf(run.options);
          return showList(run.output, run.options, (limit) => client.deliveries.list({ ...filter, limit }), {
            head: deliveryHead,
            row: deliveryRow,
            none: 'There are no such deliveries.',
          });
        }),
      ),
    ['deliveries list --tenant acme --status failed,retrying --since 2h', 'what does not go well'],
  );
  withExamples(
    deliveries
      .command('show <id>')
      .description('One delivery with its attempts, and what they sent.')
      .action(
        does(async (run, id) => {
          const delivery = await connectTenant(run).client.deliveries.get(id!);
          run.output.answer(delivery, () => showDelivery(run.output, delivery));
        }),
      ),
    ['deliveries show dlv_01 --tenant acme', 'every attempt'],
  );
  addTail(deliveries);
  withExamples(
    deliveries
      .command('cancel <id>')
      .description('No further attempts.')
      .action(
        does(async (run, id) => {
          const ordered = await connectTenant(run).client.deliveries.cancel(id!);
          run.output.answer(ordered, () => run.output.line(printable(`${ordered.id}: ${ordered.status}`)));
        }),
      ),
    ['deliveries cancel dlv_01 --tenant acme', 'what is waiting for its next attempt'],
  );
}

function addTail(deliveries: Command): void {
  withExamples(
    filterOptions(
      deliveries
        .command('tail')
        .description('The latest deliveries; with -f, what comes, and how each goes on.'),
    )
      .option('-f, --follow', 'go on until Ctrl-C')
      .addOption(
        new Option('-n, --lines <n>', 'of those that are there').argParser(wholeNumber(0, 200)).default(10),
      )
      .addOption(new Option('--interval <seconds>', 'between looks').argParser(positiveNumber).default(1))
      .action(
        does<TailOptions>(async (run) => {
          const { tail } = await import('../delivery/tail.ts');
          return tail(run);
        }),
      ),
    ['deliveries tail -f --tenant acme', 'watch'],
    [
      'deliveries tail -f --tenant acme --status failed --json',
      'a line of JSON for each that fails for good',
    ],
  );
}

export function addRetry(program: Command): void {
  withExamples(
    program
      .command('retry <ids...>')
      .summary('attempt deliveries now')
      .description('Attempt deliveries now, on top of their schedule; one that has succeeded is sent again.')
      .option('--wait', 'until each attempt has been made; fails where one was not accepted')
      .action(
        does<{ wait?: boolean }>(async (run, ids) => {
          const { retry } = await import('../delivery/retry.ts');
          return retry(run, ids as unknown as string[]);
        }),
      ),
    ['retry dlv_01 dlv_02 --tenant acme', 'two of them'],
    ['retry dlv_01 --tenant acme --wait', 'and say how it went'],
  );
}
