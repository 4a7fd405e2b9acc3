import { Option, type Command } from 'commander';
import { connectTenant } from '../connect.ts';
import { showEndpoint, stateOf } from '../endpoint.ts';
import { withExamples } from '../examples.ts';
import { usageError } from '../exit.ts';
import { fieldOptions, fieldsOf, type FieldOptions } from '../fields.ts';
import { listOptions, showList, type ListOptions } from '../lists.ts';
import { does } from '../run.ts';
import { list, positiveNumber, wholeNumber } from '../values.ts';
import { addSwitches } from './switches.ts';
import { addTrials } from './trials.ts';

export interface EndpointOptions extends FieldOptions {
  endpointUrl?: string;
  name?: string;
  profile?: string;
  events?: string[];
  environments?: string[];
  timeout?: number;
  maxRetries?: number;
  rate?: number;
  ordering?: string;
}

export function endpointOptions(command: Command): Command {
  return fieldOptions(
    command
      .option('--name <name>', 'for people')
      .addOption(new Option('--events <patterns>', 'with commas: order.*,user.created').argParser(list))
      .addOption(new Option('--environments <names>', 'with commas').argParser(list))
      .addOption(new Option('--timeout <seconds>', 'for an attempt').argParser(wholeNumber(1, 30)))
      .addOption(new Option('--max-retries <n>', 'after the first attempt').argParser(wholeNumber(0, 100)))
      .addOption(new Option('--rate <per second>', 'attempts it is sent at most').argParser(positiveNumber))
      .addOption(new Option('--ordering <order>', 'one after the other, or not').choices(['none', 'fifo'])),
  );
}

export const endpointFields = (options: EndpointOptions): Record<string, unknown> =>
  fieldsOf(options, {
    url: options.endpointUrl,
    name: options.name,
    profile: options.profile,
    events: options.events,
    environments: options.environments,
    timeout_seconds: options.timeout,
    max_retries: options.maxRetries,
    rate_limit: options.rate === undefined ? undefined : { per_second: options.rate },
    ordering: options.ordering,
  });

export function addEndpoints(program: Command): void {
  const endpoints = program.command('endpoints').description('Who gets events, and how.');
  withExamples(
    listOptions(endpoints.command('list').description('The endpoints of a tenant, oldest first.')).action(
      does<ListOptions>((run) => {
        const { client } = connectTenant(run);
        return showList(run.output, run.options, (limit) => client.endpoints.list({ limit }), {
          head: ['ID', 'STATE', 'PROFILE', 'EVENTS', 'URL'],
          row: (one) => [one.id, stateOf(one), one.profile, one.events.join(','), one.url],
          none: 'There are no endpoints.',
        });
      }),
    ),
    ['endpoints list --tenant acme', 'what acme has'],
  );
  withExamples(
    endpoints
      .command('show <id>')
      .description('One endpoint, with all its settings.')
      .action(
        does(async (run, id) => showEndpoint(run.output, await connectTenant(run).client.endpoints.get(id!))),
      ),
    ['endpoints show ep_01 --tenant acme', 'its settings'],
  );
  addChanges(endpoints);
  addSwitches(endpoints);
  addTrials(endpoints);
}

function addChanges(endpoints: Command): void {
  withExamples(
    endpointOptions(
      endpoints
        .command('create <endpoint-url>')
        .description('Make an endpoint. Its secret is shown this once.'),
    )
      .option('--profile <name>', 'what deliveries look like')
      .action(
        does<EndpointOptions>(async (run, url) => {
          const body = endpointFields({ ...run.options, endpointUrl: url });
          const made = await connectTenant(run).client.endpoints.create(body as never);
          showEndpoint(run.output, made, [['secret', made.secret]]);
        }),
      ),
    ['endpoints create https://hooks.example.com/posthorn --tenant acme --events "order.*"', 'for orders'],
    [
      `endpoints create https://hooks.example.com/posthorn --tenant acme --set 'auth={"type":"bearer","token":"t0ken"}'`,
      'any field of the API',
    ],
  );
  withExamples(
    endpointOptions(endpoints.command('update <id>').description('Change what is named, and leave the rest.'))
      .option('--endpoint-url <url>', 'where it leads from now on')
      .action(
        does<EndpointOptions>(async (run, id) => {
          const changes = endpointFields(run.options);
          if (Object.keys(changes).length === 0)
            throw usageError('Nothing to change: name something, as --name or --set.');
          showEndpoint(run.output, await connectTenant(run).client.endpoints.update(id!, changes as never));
        }),
      ),
    ['endpoints update ep_01 --tenant acme --timeout 10 --set max_retries=null', 'null: the default again'],
  );
  withExamples(
    endpoints
      .command('delete <id>')
      .description('Delete an endpoint, and cancel what is open for it. The log stays.')
      .action(
        does(async (run, id) => {
          await connectTenant(run).client.endpoints.delete(id!);
          run.output.answer({ id, deleted: true }, () => run.output.line(`${id} is gone.`));
        }),
      ),
    ['endpoints delete ep_01 --tenant acme', 'for good'],
  );
}
