/** Whether an endpoint works: a test event to one that is there, an attempt at one that is not made yet. */
import type { Command } from 'commander';
import type { Answer } from '../../sdk/client/index.ts';
import { connectTenant } from '../connect.ts';
import { withExamples } from '../examples.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Output } from '../output.ts';
import { printable, printableLines } from '../../printable.ts';
import { does } from '../run.ts';
import { readObject } from '../values.ts';
import { endpointFields, endpointOptions, type EndpointOptions } from './endpoints.ts';

interface TestOptions {
  type?: string;
  eventData?: string;
  wait: boolean;
}

export function addTrials(endpoints: Command): void {
  withExamples(
    endpoints
      .command('test <id>')
      .description(
        'Send an endpoint a test event, and say what it made of it. Fails where it was not accepted.',
      )
      .option('--type <type>', 'of the event; else one that the endpoint wants')
      .option('--event-data <json>', 'of the event; else the example of its type')
      .option('--no-wait', 'only send it')
      .action(
        does<TestOptions>(async (run, id) => {
          const { wait } = run.options;
          const { client } = connectTenant(run);
          const result = await client.endpoints.test(id!, { ...eventOf(run.options), wait });
          return showVerdict(run.output, result, wait);
        }),
      ),
    ['endpoints test ep_01 --tenant acme', 'an event as its subscribers get it'],
    [`endpoints test ep_01 --tenant acme --type order.paid --event-data '{"order": 7}'`, 'one of your own'],
  );
  withExamples(
    endpointOptions(
      endpoints
        .command('try <endpoint-url>')
        .description('Make one attempt at an endpoint that is not made yet. Nothing is stored.'),
    )
      .option('--profile <name>', 'what it looks like')
      .option('--type <type>', 'of the event')
      .option('--event-data <json>', 'of the event')
      .action(
        does<EndpointOptions & TestOptions>(async (run, url) => {
          const endpoint = endpointFields({ ...run.options, endpointUrl: url });
          const body = { ...endpoint, ...eventOf(run.options) };
          return showVerdict(run.output, await connectTenant(run).client.endpoints.try(body as never), true);
        }),
      ),
    [
      'endpoints try https://hooks.example.com/posthorn --tenant acme --profile agentbot',
      'before it is made',
    ],
  );
}

const eventOf = ({ type, eventData }: TestOptions) => ({
  ...(type === undefined ? {} : { type }),
  ...(eventData === undefined ? {} : { data: readObject(eventData, '--event-data') }),
});

type Result = Answer<'testEndpoint'> | Answer<'tryEndpoint'>;

function showVerdict(output: Output, result: Result, waited: boolean): ExitCode {
  const attempt = result.attempt ?? null;
  const delivery = 'delivery_id' in result ? result.delivery_id : null;
  output.answer(result, () => {
    if (result.verdict) output.line(printableLines(result.verdict));
    else output.line(printable(`Sent: posthorn deliveries show ${delivery} says what becomes of it.`));
    if (!attempt) return;
    const ms = (value: number | null) => (value === null ? null : `${value} ms`);
    const { timing } = attempt;
    output.fields([
      ['delivery', delivery],
      ['name', ms(timing?.dns_ms ?? null)],
      ['connection', ms(timing?.connect_ms ?? null)],
      ['TLS', ms(timing?.tls_ms ?? null)],
      ['first byte', ms(timing?.first_byte_ms ?? null)],
      ['total', ms(attempt.duration_ms)],
      ['answer', attempt.response?.body?.slice(0, 300) || null],
    ]);
  });
  if (!waited) return EXIT.ok;
  return attempt && attempt.error === null ? EXIT.ok : EXIT.failed;
}
