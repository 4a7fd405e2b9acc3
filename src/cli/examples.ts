import type { Command } from 'commander';

/** Shown by `--help`; a test runs each of them as far as it can be read. */
export interface Example {
  /** Without the `posthorn` in front. */
  command: string;
  what: string;
}

const examplesOf = new WeakMap<Command, Example[]>();

/** Adds examples to a command's help, each with what it does. */
export function withExamples(command: Command, ...pairs: [command: string, what: string][]): Command {
  const examples = pairs.map(([text, what]) => ({ command: text, what }));
  examplesOf.set(command, examples);
  const lines = examples.map((one) => `  # ${one.what}\n  $ posthorn ${one.command}`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

export const examplesIn = (command: Command): Example[] => examplesOf.get(command) ?? [];
