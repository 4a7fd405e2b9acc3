/** What a command ends with. docs/cli.md lists them for people; a number is never given another meaning. */
export const EXIT = {
  ok: 0,
  /** It was refused or did not succeed: asked the same way again, it fails again. */
  failed: 1,
  /** The command line or a setting is wrong: nothing was asked of anybody. */
  usage: 2,
  notFound: 3,
  /** No key, a wrong one, or one that may not do this. */
  notPermitted: 4,
  /** Nobody answers, or not now: worth another try. */
  unavailable: 5,
  /** Ended by Ctrl-C before it was done. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command, in words. */
export class CliError extends Error {
  override name = 'CliError';
  readonly exitCode: ExitCode;
  /** What to do about it. */
  readonly hint: string | null;

  constructor(message: string, exitCode: ExitCode = EXIT.failed, hint: string | null = null) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

export const usageError = (message: string, hint: string | null = null): CliError =>
  new CliError(message, EXIT.usage, hint);
