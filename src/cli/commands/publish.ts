import { Option, type Command } from 'commander';
import { withExamples } from '../examples.ts';
import { does } from '../run.ts';

export interface PublishOptions {
  type?: string;
  id?: string;
  environment?: string;
  orderingKey?: string;
  timestamp?: string;
  idempotencyKey?: string;
  file?: string;
  ndjson?: string | true;
}

export function addPublish(program: Command): void {
  const publish = program
    .command('publish')
    .summary('publish an event, or many')
    .description(
      'Publish an event: its data are the argument, a file (--file), or stdin. Or many: one JSON event a line (--ndjson),\n' +
        'with the flags for what a line does not say.',
    )
    .argument('[data]', 'a JSON object, @file, or - for stdin')
    .option('--type <type>', 'what happened: order.paid')
    .option('--id <id>', 'of your own: published twice, it is accepted once')
    .addOption(
      new Option('--environment <name>', 'production unless told otherwise').choices([
        'production',
        'staging',
        'development',
      ]),
    )
    .option('--ordering-key <key>', 'where endpoints are fifo: those of one key go in order')
    .option('--timestamp <time>', 'when it happened; now unless told otherwise')
    .option('--idempotency-key <key>', 'of the request: repeated, it publishes nothing more')
    .option('--file <file>', 'read the data from there')
    .option('--ndjson [file]', 'many events, one a line, from there or stdin')
    .action(
      does<PublishOptions>(async (run, data) => {
        const { publish: work } = await import('../publish/index.ts');
        return work(run, data);
      }),
    );
  withExamples(
    publish,
    [`publish --tenant acme --type order.paid '{"order": 7}'`, 'data as an argument'],
    [
      'publish --tenant acme --type order.paid --id order-7-paid --file order.json',
      'from a file, once however often',
    ],
    [
      'publish --tenant acme --ndjson events.ndjson',
      'lines such as {"type": "order.paid", "data": {"order": 7}}',
    ],
  );
}
