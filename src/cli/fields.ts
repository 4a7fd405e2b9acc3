/** The fields of what is made or changed: from flags of their own, from --set, from --data. */
import { Option, type Command } from 'commander';
import { usageError } from './exit.ts';
import { parseExact } from '../exact-json.ts';
import { readObject } from './values.ts';

export interface FieldOptions {
  set?: [name: string, value: unknown][];
  data?: string;
}

export function fieldOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--set <field=value>',
        'any field of the API; may be repeated. JSON where it is, else text',
      ).argParser((text: string, before: [string, unknown][] | undefined) => [
        ...(before ?? []),
        assignment(text),
      ]),
    )
    .option('--data <json>', 'all fields as a JSON object, @file, or - for stdin');
}

/** What is said most precisely counts: --data, over it flags, over them --set. */
export function fieldsOf(
  { set = [], data }: FieldOptions,
  flags: Record<string, unknown>,
): Record<string, unknown> {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  return {
    ...(data === undefined ? {} : readObject(data, '--data')),
    ...Object.fromEntries(given),
    ...Object.fromEntries(set),
  };
}

function assignment(text: string): [string, unknown] {
  const at = text.indexOf('=');
  if (at <= 0) throw usageError('--set wants field=value, such as timeout_seconds=10');
  const value = text.slice(at + 1);
  const parsed = parseExact(value);
  return [text.slice(0, at), parsed === undefined ? value : parsed];
}
