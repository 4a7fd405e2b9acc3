/** What went wrong, in words, and the exit code that says it to scripts. */
import { printable, printableLines } from '../printable.ts';
import { PosthornApiError, PosthornConnectionError } from '../sdk/client/errors.ts';
import { CliError, EXIT, type ExitCode } from './exit.ts';
import { jsonText } from './output.ts';

export interface Failure {
  message: string;
  exitCode: ExitCode;
  hint: string | null;
  /** The problem document that the server answered. */
  problem?: unknown;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof CliError) {
    const { message, exitCode, hint } = error;
    return { message, exitCode, hint };
  }
  if (error instanceof PosthornApiError) return apiFailure(error);
  if (error instanceof PosthornConnectionError)
    return {
      message: error.message,
      exitCode: EXIT.unavailable,
      hint: 'Does it run there? --url or POSTHORN_URL says where; "posthorn doctor" looks closer.',
    };
  return {
    message: error instanceof Error ? error.message : String(error),
    exitCode: EXIT.failed,
    hint: null,
  };
}

function apiFailure({ status, code, title, detail, errors }: PosthornApiError): Failure {
  const exitCode =
    status === 404
      ? EXIT.notFound
      : status === 401 || status === 403
        ? EXIT.notPermitted
        : status === 429 || status >= 500
          ? EXIT.unavailable
          : EXIT.failed;
  // One line: what a stranger's server says must not look like something of ours below it.
  return {
    message: printable(detail),
    exitCode,
    hint: null,
    problem: { status, code, title, detail, errors },
  };
}

/** As text for people, or as one line of JSON. No value of a key is in it, whatever the message repeats. */
export function failureText(failure: Failure, asJson: boolean, secrets: readonly string[]): string {
  const mask = (text: string) => secrets.reduce((now, secret) => now.replaceAll(secret, '[key]'), text);
  const { message, exitCode, hint, problem } = failure;
  if (asJson) {
    const error = {
      message,
      exit_code: exitCode,
      ...(hint ? { hint } : {}),
      ...(problem ? { problem } : {}),
    };
    return `${mask(jsonText({ error }))}\n`;
  }
  return mask(printableLines(`posthorn: ${message}${hint ? `\n${hint}` : ''}`)) + '\n';
}

/** What must not be repeated: the keys on the command line and in the environment. */
export function secretsOf(argv: readonly string[], env: NodeJS.ProcessEnv): string[] {
  const flags = argv.flatMap((arg, n) => {
    if (arg === '--key') return argv.slice(n + 1, n + 2);
    // A typing error in the flag does not show the key either.
    return /^--?k[a-z-]*=/.test(arg) ? [arg.slice(arg.indexOf('=') + 1)] : [];
  });
  const keys = argv.flatMap((arg) => arg.match(/ph_[\w-]{8,}/g) ?? []);
  return [...flags, ...keys, env.POSTHORN_API_KEY ?? ''].filter((text) => text.length > 3);
}
