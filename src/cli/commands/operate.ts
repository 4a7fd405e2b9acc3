/** What an operator does on the machine that runs Posthorn: no server need be up. */
import { Option, type Command } from 'commander';
import { withExamples } from '../examples.ts';
import { does } from '../run.ts';

interface StartOptions {
  port?: string;
  host?: string;
  dataDir?: string;
  role?: string;
}

/** Flags of `start` → the settings they stand for. */
const SETTINGS: Record<keyof StartOptions, string> = {
  port: 'PORT',
  host: 'HOST',
  dataDir: 'POSTHORN_DATA_DIR',
  role: 'POSTHORN_ROLE',
};

export function addOperatorCommands(program: Command): void {
  const start = program
    .command('start')
    .summary('run Posthorn')
    .description(
      'Run Posthorn: with servers of its own and their data in .posthorn/, or with DATABASE_URL and TEMPORAL_ADDRESS.\n' +
        'All settings of docs/settings.md apply; Ctrl-C stops it.',
    )
    .option('--port <port>', 'of the API (PORT; 8080 unless set)')
    .option('--host <address>', 'that the API listens on (HOST; 127.0.0.1 unless set)')
    .option('--data-dir <folder>', 'of its own servers (POSTHORN_DATA_DIR; .posthorn unless set)')
    .addOption(
      new Option('--role <role>', 'what this process is (POSTHORN_ROLE)').choices(['all', 'api', 'worker']),
    )
    .action(
      does<StartOptions>(async ({ options }) => {
        for (const [flag, setting] of Object.entries(SETTINGS)) {
          const value = options[flag as keyof StartOptions];
          if (value !== undefined) process.env[setting] = value;
        }
        // Its flags are settings now: the program that becomes of this process takes none.
        process.argv.splice(2);
        await import('../../main.ts');
      }),
    );
  withExamples(
    start,
    ['start', 'everything on this machine'],
    ['start --port 8090 --data-dir .posthorn-2', 'a second one beside it'],
  );

  const migrate = program
    .command('migrate')
    .summary('bring the database to the newest schema')
    .description(
      'Bring the database (DATABASE_URL, else that of the data folder) to the newest schema. "start" does the same;\n' +
        'this is for those who do it before, with a user who may.',
    )
    .option('--check', 'change nothing; fail when something is missing')
    .action(
      does<{ check?: boolean }>(async (run) => {
        const { runMigrate } = await import('../migrate.ts');
        return runMigrate(run.output, run.env, run.options.check === true);
      }),
    );
  withExamples(
    migrate,
    ['migrate', 'apply what is missing'],
    ['migrate --check', 'only say what would be applied'],
  );

  const sealAgain = program
    .command('seal-again')
    .summary('seal every secret with the newest encryption key')
    .description(
      'Seal everything that is sealed with an older key of POSTHORN_ENCRYPTION_KEYS, or with none, with the newest one.\n' +
        'Processes may go on meanwhile; interrupted, run it again.',
    )
    .action(
      does(async ({ output, env }) => {
        const { sealAgain } = await import('../seal-again.ts');
        return sealAgain(output, env);
      }),
    );
  withExamples(sealAgain, ['seal-again', 'after a new key has been put in front of the others']);
}
