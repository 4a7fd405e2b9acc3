/** What every command is given, and how it is ended. */
import type { Command } from 'commander';
import type { ExitCode } from './exit.ts';
import { createOutput, wantsColor, type Output } from './output.ts';

export interface GlobalOptions {
  url?: string;
  key?: string;
  tenant?: string;
  json?: boolean;
  color: boolean;
}

export interface Run<Options> {
  options: Options & GlobalOptions;
  output: Output;
  env: NodeJS.ProcessEnv;
}

/** A command's work: what it returns is the exit code, 0 unless told otherwise. */
export type Work<Options> = (run: Run<Options>, ...args: string[]) => Promise<ExitCode | void>;

/** For `command.action`: the work, with what the command line says. Its errors are for main.ts. */
export function does<Options extends object = object>(work: Work<Options>) {
  return async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const options: Options & GlobalOptions = command.optsWithGlobals();
    const args = command.processedArgs as string[];
    const run = { options, output: processOutput(options, process.env), env: process.env };
    process.exitCode = (await work(run, ...args)) ?? 0;
  };
}

function processOutput({ json = false, color }: GlobalOptions, env: NodeJS.ProcessEnv): Output {
  return createOutput({
    json,
    color: color && wantsColor(env, process.stdout.isTTY),
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
  });
}
