/** The command line as a whole: its commands by group, what is common to all, and how it ends. */
import { Command, CommanderError } from 'commander';
import about from '../../package.json' with { type: 'json' };
import { addCompletion } from './commands/completion.ts';
import { addDeliveries, addRetry } from './commands/deliveries.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEndpoints } from './commands/endpoints.ts';
import { addEventTypes } from './commands/event-types.ts';
import { addKeys, addTokens } from './commands/keys.ts';
import { addListen } from './commands/listen.ts';
import { addOperatorCommands } from './commands/operate.ts';
import { addPublish } from './commands/publish.ts';
import { addReplay } from './commands/replays.ts';
import { completions } from './complete.ts';
import { failureOf, failureText, secretsOf, type Failure } from './errors.ts';
import { withExamples } from './examples.ts';
import { EXIT } from './exit.ts';

export function createProgram(): Command {
  const program = new Command('posthorn')
    .description('Durable outgoing webhooks: run a Posthorn, publish to one, and see what became of it.')
    .version(about.version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .option('--url <url>', 'the API (POSTHORN_URL; http://127.0.0.1:8080 unless set)')
    .option('--key <key>', 'API key (POSTHORN_API_KEY; on this machine that of the data folder unless set)')
    .option('--tenant <id>', 'whose endpoints, events and deliveries (POSTHORN_TENANT)')
    .option('--json', 'answer in JSON: one document, or a line for each where answers come one by one')
    .option('--no-color', 'no colours (NO_COLOR does the same)')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({ outputError: () => {} })
    .exitOverride()
    .showSuggestionAfterError();
  withExamples(
    program,
    ['start', 'run a Posthorn on this machine, with servers of its own'],
    ['listen --tenant acme --events "order.*"', 'a receiver on this machine that shows what arrives'],
    [`publish --tenant acme --type order.paid '{"order": 7}'`, 'publish an event'],
    ['deliveries tail -f --tenant acme', 'watch what becomes of it'],
  );
  program.commandsGroup('Run a Posthorn:');
  addOperatorCommands(program);
  addDoctor(program);
  program.commandsGroup('Use it:');
  addPublish(program);
  addEndpoints(program);
  addDeliveries(program);
  addRetry(program);
  addReplay(program);
  addEventTypes(program);
  addKeys(program);
  addTokens(program);
  program.commandsGroup('While you develop:');
  addListen(program);
  addCompletion(program);
  return program;
}

/** Carries out one command line; leaves its exit code in `process.exitCode`. */
export async function runCli(argv: string[]): Promise<void> {
  const program = createProgram();
  // What a shell asks at Tab (complete.ts). What is typed there is not for us to obey.
  if (argv[2] === '__complete') {
    const found = completions(program, argv.length > 3 ? argv.slice(3) : ['']);
    return void process.stdout.write(found.map((one) => `${one}\n`).join(''));
  }
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError && isHelp(error)) return;
    const failure = error instanceof CommanderError ? usageFailure(error) : failureOf(error);
    const asJson = argv.includes('--json');
    process.exitCode = failure.exitCode;
    process.stderr.write(failureText(failure, asJson, secretsOf(argv, process.env)));
  }
}

/** Asked for, or a group without a command: then commander has shown it. */
function isHelp({ code, exitCode }: CommanderError): boolean {
  if (exitCode !== 0) process.exitCode = EXIT.usage;
  return ['commander.help', 'commander.helpDisplayed', 'commander.version'].includes(code);
}

function usageFailure(error: CommanderError): Failure {
  const message = error.message.replace(/^error: /, '').replace(/^(unknown option '--?[\w-]+)=.*'/s, "$1'");
  return { message, exitCode: EXIT.usage, hint: 'posthorn help [command] shows what there is.' };
}
