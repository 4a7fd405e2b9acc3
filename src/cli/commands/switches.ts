/** Pausing an endpoint and going on, and its secret. */
import { Option, type Command } from 'commander';
import { connectTenant } from '../connect.ts';
import { showEndpoint } from '../endpoint.ts';
import { withExamples } from '../examples.ts';
import { does } from '../run.ts';
import { positiveNumber, wholeNumber } from '../values.ts';

interface EnableOptions {
  held?: 'deliver' | 'discard';
  perSecond?: number;
}

export function addSwitches(endpoints: Command): void {
  withExamples(
    endpoints
      .command('enable <id>')
      .description('Enable an endpoint, and release what it held.')
      .addOption(new Option('--held <what>', 'what becomes of what is held').choices(['deliver', 'discard']))
      .addOption(new Option('--per-second <n>', 'release no faster').argParser(positiveNumber))
      .action(
        does<EnableOptions>(async (run, id) => {
          const { held, perSecond } = run.options;
          const how = { ...(held ? { held } : {}), ...(perSecond ? { per_second: perSecond } : {}) };
          showEndpoint(run.output, await connectTenant(run).client.endpoints.enable(id!, how));
        }),
      ),
    ['endpoints enable ep_01 --tenant acme --per-second 50', 'without flooding it'],
  );
  withExamples(
    endpoints
      .command('disable <id>')
      .description('Pause an endpoint: what comes is held.')
      .action(
        does(async (run, id) =>
          showEndpoint(run.output, await connectTenant(run).client.endpoints.disable(id!)),
        ),
      ),
    ['endpoints disable ep_01 --tenant acme', 'until it is enabled'],
  );
  withExamples(
    endpoints
      .command('rotate <id>')
      .description('Give an endpoint a new secret, shown this once. The old one signs along for a while.')
      .addOption(
        new Option('--grace <seconds>', 'for how long; 0: it has leaked').argParser(
          wholeNumber(0, 2_592_000),
        ),
      )
      .addOption(new Option('--primary <which>', 'which signs first meanwhile').choices(['new', 'previous']))
      .action(
        does<{ grace?: number; primary?: 'new' | 'previous' }>(async (run, id) => {
          const { grace, primary } = run.options;
          const how = {
            ...(grace === undefined ? {} : { grace_seconds: grace }),
            ...(primary ? { primary } : {}),
          };
          const rotated = await connectTenant(run).client.endpoints.rotateSecret(id!, how);
          run.output.answer(rotated, () => run.output.fields(Object.entries(rotated)));
        }),
      ),
    ['endpoints rotate ep_01 --tenant acme --grace 3600', 'both sign for an hour'],
  );
}
