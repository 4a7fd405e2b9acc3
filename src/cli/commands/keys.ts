import { Option, type Command } from 'commander';
import { connect, connectTenant } from '../connect.ts';
import { withExamples } from '../examples.ts';
import { usageError } from '../exit.ts';
import { listOptions, showList, type ListOptions } from '../lists.ts';
import { status } from '../output.ts';
import { does } from '../run.ts';
import { list, timeAhead, wholeNumber } from '../values.ts';

const SCOPES = ['publish', 'read', 'manage', 'admin'];

export function addKeys(program: Command): void {
  const keys = program.command('keys').description('API keys, for admins.');
  withExamples(
    keys
      .command('create <name>')
      .alias('make')
      .description('Make a key. It is shown this once.')
      .addOption(
        new Option('--scopes <scopes>', `what it may do, with commas: ${SCOPES.join(', ')}`)
          .argParser(list)
          .makeOptionMandatory(),
      )
      .option('--for-tenant <id>', 'good for this tenant only')
      .addOption(new Option('--expires <time>', 'a time, or in so long: 90d').argParser(timeAhead))
      .action(
        does<{ scopes: string[]; forTenant?: string; expires?: string }>(async (run, name) => {
          const { scopes, forTenant, expires } = run.options;
          const made = await connect(run).keys.create({
            name: name!,
            scopes: scopes as 'read'[],
            tenant_id: forTenant ?? null,
            expires_at: expires ?? null,
          });
          run.output.answer(made, () => {
            const { output } = run;
            output.fields([
              ['id', made.id],
              ['key', made.key],
              ['scopes', made.scopes.join(', ')],
              ['tenant', made.tenant_id],
              ['expires', made.expires_at],
            ]);
            output.note('Keep it now: it is not shown again.');
          });
        }),
      ),
    ['keys create "billing backend" --scopes publish --for-tenant acme', 'for one tenant'],
    ['keys create dashboards --scopes read --expires 90d', 'for a while'],
  );
  withExamples(
    listOptions(keys.command('list').description('Keys, newest first, without the keys themselves.'))
      .option('--for-tenant <id>', 'those of this tenant')
      .action(
        does<ListOptions & { forTenant?: string }>((run) => {
          const { forTenant } = run.options;
          const query = forTenant === undefined ? {} : { tenant_id: forTenant };
          const client = connect(run);
          return showList(run.output, run.options, (limit) => client.keys.list({ ...query, limit }), {
            head: ['ID', 'STATE', 'PREFIX', 'SCOPES', 'TENANT', 'LAST USED', 'NAME'],
            row: (key) => [
              key.id,
              status(stateOf(key)),
              key.prefix,
              key.scopes.join(','),
              key.tenant_id ?? '-',
              key.last_used_at ?? 'never',
              key.name,
            ],
            none: 'There are no keys but the first, which is a setting.',
          });
        }),
      ),
    ['keys list', 'who may do what'],
  );
  withExamples(
    keys
      .command('update <id>')
      .description('Give a key another name, or another end.')
      .option('--name <name>', 'what it is called')
      .addOption(
        new Option('--expires <time>', 'a time, or in so long: 1d; "never": it has no end').argParser(endOf),
      )
      .action(
        does<{ name?: string; expires?: string }>(async (run, id) => {
          const { name, expires } = run.options;
          if (name === undefined && expires === undefined)
            throw usageError('Say what is to be changed: --name, --expires.');
          const changed = await connect(run).keys.update(id!, {
            ...(name === undefined ? {} : { name }),
            ...(expires === undefined ? {} : { expires_at: expires === NEVER ? null : expires }),
          });
          run.output.answer(changed, () =>
            run.output.fields([
              ['id', changed.id],
              ['name', changed.name],
              ['state', status(stateOf(changed))],
              ['expires', changed.expires_at ?? 'never'],
            ]),
          );
        }),
      ),
    ['keys update key_01 --expires 1d', 'a day to put another in its place'],
    ['keys update key_01 --name "billing backend" --expires never', 'good again, also if it had expired'],
  );
  withExamples(
    keys
      .command('revoke <id>')
      .description('From now on the key is refused.')
      .action(
        does(async (run, id) => {
          await connect(run).keys.revoke(id!);
          run.output.answer({ id, revoked: true }, () => run.output.line(`${id} is refused from now on.`));
        }),
      ),
    ['keys revoke key_01', 'within a second, everywhere'],
  );
}

const NEVER = 'never';
const endOf = (text: string): string => (text === NEVER ? NEVER : timeAhead(text));

function stateOf(key: { revoked_at: string | null; expires_at: string | null }): string {
  if (key.revoked_at !== null) return 'revoked';
  return key.expires_at !== null && Date.parse(key.expires_at) <= Date.now() ? 'expired' : 'ok';
}

export function addTokens(program: Command): void {
  const tokens = program.command('tokens').description("Tokens for pages in a tenant's browsers.");
  withExamples(
    tokens
      .command('create')
      .description('Make a token for a tenant. It is shown this once.')
      .addOption(
        new Option('--capability <what>', 'what it may do').choices(['read', 'manage']).makeOptionMandatory(),
      )
      .addOption(
        new Option('--expires-in <seconds>', 'for how long')
          .argParser(wholeNumber(60, 86_400))
          .default(3_600),
      )
      .option('--subject <who>', 'who has it, for the audit log')
      .action(
        does<{ capability: 'read' | 'manage'; expiresIn: number; subject?: string }>(async (run) => {
          const { capability, expiresIn, subject } = run.options;
          const body = { capability, expires_in: expiresIn, subject: subject ?? null };
          const made = await connectTenant(run).client.tokens.create(body);
          run.output.answer(made, () => run.output.fields(Object.entries(made)));
        }),
      ),
    ['tokens create --tenant acme --capability read --expires-in 900', 'for a quarter of an hour'],
  );
  withExamples(
    tokens
      .command('revoke')
      .description('End all tokens of a tenant.')
      .action(
        does(async (run) => {
          const { client, tenant } = connectTenant(run);
          await client.tokens.revokeAll();
          run.output.answer({ tenant, revoked: true }, () =>
            run.output.line(`All tokens of ${tenant} are refused.`),
          );
        }),
      ),
    ['tokens revoke --tenant acme', 'whoever has one'],
  );
}
