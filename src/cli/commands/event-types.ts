import { Option, type Command } from 'commander';
import { connect } from '../connect.ts';
import { withExamples } from '../examples.ts';
import { EXIT } from '../exit.ts';
import { fieldOptions, fieldsOf, type FieldOptions } from '../fields.ts';
import { listOptions, showList, type ListOptions } from '../lists.ts';
import { jsonText } from '../output.ts';
import { printable } from '../../printable.ts';
import { does } from '../run.ts';
import { readObject } from '../values.ts';

interface TypeFilter {
  group?: string;
  profile?: string;
  archived?: 'true' | 'false' | 'all';
}

interface PutOptions extends FieldOptions {
  description?: string;
  group?: string;
  schema?: string;
  example?: string;
  validate?: boolean;
}

export function addEventTypes(program: Command): void {
  const types = program.command('event-types').description('The catalogue of what is published.');
  withExamples(
    listOptions(types.command('list').description('Event types, by their names.'))
      .option('--group <group>', 'of this group')
      .option('--profile <profile>', 'that come with this profile')
      .addOption(new Option('--archived <which>', 'whether those, too').choices(['true', 'false', 'all']))
      .action(
        does<ListOptions & TypeFilter>((run) => {
          const { group, profile, archived } = run.options;
          const query = {
            ...(group === undefined ? {} : { group }),
            ...(profile === undefined ? {} : { profile }),
            ...(archived === undefined ? {} : { archived }),
          };
          const client = connect(run);
          return showList(run.output, run.options, (limit) => client.eventTypes.list({ ...query, limit }), {
            head: ['NAME', 'GROUP', 'FROM', 'CHECKED', 'DESCRIPTION'],
            row: (one) => [
              one.name,
              one.group ?? '-',
              one.profile ?? 'own',
              one.validate ? 'yes' : 'no',
              one.description,
            ],
            none: 'There are no such event types.',
          });
        }),
      ),
    ['event-types list --group orders', 'what there is about orders'],
  );
  withExamples(
    types
      .command('show <name>')
      .description('One event type, with its schema and example.')
      .action(
        does(async ({ output, ...run }, name) => {
          const type = await connect(run).eventTypes.get(name!);
          output.answer(type, () => output.line(jsonText(type, 2)));
        }),
      ),
    ['event-types show order.paid', 'schema and example'],
  );
  addPut(types);
  addImport(types);
  withExamples(
    types
      .command('delete <name>')
      .description('Take an event type out of the catalogue. What subscribes to it stays.')
      .action(
        does(async ({ output, ...run }, name) => {
          await connect(run).eventTypes.delete(name!);
          output.answer({ name, deleted: true }, () => output.line(`${name} is gone.`));
        }),
      ),
    ['event-types delete order.paid', 'for good'],
  );
}

function addPut(types: Command): void {
  withExamples(
    fieldOptions(types.command('put <name>').description('Make an event type, or replace all of it.'))
      .option('--description <text>', 'for those who subscribe')
      .option('--group <group>', 'whatever your users know it by')
      .option('--schema <json>', 'JSON Schema of the data: an object, @file, or -')
      .option('--example <json>', 'of the data: an object, @file, or -')
      .option('--validate', 'refuse to publish what does not fit the schema')
      .action(
        does<PutOptions>(async ({ output, options, ...run }, name) => {
          const { schema, example, ...rest } = options;
          const body = fieldsOf(options, {
            description: rest.description,
            group: rest.group,
            schema: schema === undefined ? undefined : readObject(schema, '--schema'),
            example: example === undefined ? undefined : readObject(example, '--example'),
            validate: rest.validate,
          });
          const written = await connect({ ...run, options }).eventTypes.put(name!, body as never);
          output.answer(written, () => {
            output.line(printable(`${written.name} is in the catalogue.`));
            for (const one of written.warnings ?? []) output.note(printable(`${one.path}: ${one.message}`));
          });
        }),
      ),
    [
      'event-types put order.paid --group orders --schema @order-paid.schema.json --validate',
      'from a file, and checked',
    ],
  );
}

function addImport(types: Command): void {
  withExamples(
    types
      .command('import <file>')
      .description('Make event types of the webhooks of an OpenAPI 3.1 document (JSON; - for stdin).')
      .option(
        '--data-property <name>',
        'where the bodies it describes have an envelope, the member that is the data',
      )
      .option('--validate', 'check what is published against them')
      .option('--dry-run', 'only say what would change')
      .action(
        does<{ dataProperty?: string; validate?: boolean; dryRun?: boolean }>(
          async ({ output, options, ...run }, file) => {
            const { dataProperty, validate, dryRun } = options;
            const done = await connect({ ...run, options }).eventTypes.import({
              document: readObject(file === '-' ? '-' : `@${file}`, 'the document') as never,
              dry_run: dryRun === true,
              ...(dataProperty === undefined ? {} : { data_property: dataProperty }),
              ...(validate === undefined ? {} : { validate }),
            });
            output.answer(done, () => {
              for (const { name, change, fields } of done.types)
                if (change !== 'unchanged')
                  output.line(
                    printable(`${change} ${name}${fields.length > 0 ? `: ${fields.join(', ')}` : ''}`),
                  );
              const { created, updated, unchanged } = done;
              const would = done.dry_run ? ' (nothing was written)' : '';
              output.line(
                printable(`${created} created, ${updated} updated, ${unchanged} unchanged${would}`),
              );
            });
            return EXIT.ok;
          },
        ),
      ),
    ['event-types import openapi.json --dry-run', 'what would change?'],
    ['event-types import openapi.json --data-property data --validate', 'bodies like {"type", "data"}'],
  );
}
