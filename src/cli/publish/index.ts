import type { PublishOptions } from '../commands/publish.ts';
import { printable } from '../../printable.ts';
import { connectTenant } from '../connect.ts';
import { usageError, type ExitCode } from '../exit.ts';
import type { Run } from '../run.ts';
import { readObject } from '../values.ts';
import { publishLines } from './lines.ts';

export async function publish(
  run: Run<PublishOptions>,
  argument: string | undefined,
): Promise<ExitCode | void> {
  const { options, output } = run;
  const { client } = connectTenant(run);
  if (options.ndjson !== undefined) {
    if (argument !== undefined || options.file !== undefined || options.id !== undefined)
      throw usageError(
        'With --ndjson, each line has its own data and id: leave [data], --file and --id out.',
      );
    return publishLines(run, client, options.ndjson === true ? '-' : options.ndjson, fieldsOf(options));
  }
  if (options.type === undefined)
    throw usageError('What happened? Name it with --type, such as --type order.paid');
  if (argument !== undefined && options.file !== undefined)
    throw usageError('The data stand there twice: as an argument, and with --file.');
  const event = { ...fieldsOf(options), data: dataOf(argument, options.file) };
  const { idempotencyKey } = options;
  const accepted = await client.publish(event as never, { idempotencyKey });
  output.answer(accepted, () => {
    const { id, delivery_ids: deliveries } = accepted;
    const to = deliveries.length === 0 ? 'no endpoint wants it' : `${deliveries.length} on the way`;
    output.line(printable(`${id}: accepted, ${to}`));
    for (const one of deliveries.slice(0, 20)) output.line(printable(`  ${one}`));
    if (deliveries.length > 20) output.line(`  and ${deliveries.length - 20} more`);
  });
}

const fieldsOf = ({
  type,
  id,
  environment,
  orderingKey,
  timestamp,
}: PublishOptions): Record<string, unknown> => ({
  ...(type === undefined ? {} : { type }),
  ...(id === undefined ? {} : { id }),
  ...(environment === undefined ? {} : { environment }),
  ...(orderingKey === undefined ? {} : { ordering_key: orderingKey }),
  ...(timestamp === undefined ? {} : { timestamp }),
});

function dataOf(argument: string | undefined, file: string | undefined): Record<string, unknown> {
  if (file !== undefined) return readObject(file === '-' ? '-' : `@${file}`, 'the data');
  if (argument !== undefined) return readObject(argument, 'the data');
  if (process.stdin.isTTY)
    throw usageError(`No data: give a JSON object, such as '{"order": 7}', --file, or something on stdin.`);
  return readObject('-', 'the data');
}
