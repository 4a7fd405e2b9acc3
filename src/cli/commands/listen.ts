import { InvalidArgumentError, Option, type Command } from 'commander';
import { withExamples } from '../examples.ts';
import { does } from '../run.ts';
import { list, wholeNumber } from '../values.ts';

export interface ListenOptions {
  events?: string[];
  environments?: string[];
  profile: string;
  profilesFile?: string;
  host: string;
  port: number;
  publicUrl?: string;
  forward?: URL;
  status?: number;
  headers?: boolean;
  count?: number;
}

export function addListen(program: Command): void {
  const listen = program
    .command('listen')
    .summary('a receiver on this machine that shows what arrives')
    .description(
      'Make an endpoint that leads here, show what arrives there with its signature verified, and take the endpoint away\n' +
        'at the end (Ctrl-C). What cannot be verified is answered 401 and not forwarded.',
    )
    .addOption(
      new Option('--events <patterns>', 'what to subscribe to, with commas: order.*,user.created').argParser(
        list,
      ),
    )
    .addOption(new Option('--environments <names>', 'of which environments, with commas').argParser(list))
    .option('--profile <name>', 'the profile it is sent in', 'standard')
    .option('--profiles-file <file>', 'where a profile of your own is described (POSTHORN_PROFILES_FILE)')
    .option('--host <address>', 'to listen on', '127.0.0.1')
    .addOption(
      new Option('--port <port>', 'to listen on; 0: any').argParser(wholeNumber(0, 65_535)).default(0),
    )
    .option(
      '--public-url <url>',
      'where Posthorn reaches this receiver, such as a tunnel; unless set, this machine',
    )
    .addOption(
      new Option('--forward <url>', 'hand on what is verified, with its headers and bytes').argParser(
        httpUrl,
      ),
    )
    .addOption(
      new Option('--status <code>', 'answer this, whatever --forward answers').argParser(
        wholeNumber(200, 599),
      ),
    )
    .option('--headers', 'show headers, too')
    .addOption(
      new Option('--count <n>', 'end after so many requests').argParser(wholeNumber(1, 1_000_000_000)),
    )
    .action(
      does<ListenOptions>(async (run) => {
        const { listen: work } = await import('../listen/index.ts');
        return work(run);
      }),
    );
  withExamples(
    listen,
    ['listen --tenant acme', 'show everything that acme is sent'],
    [
      'listen --tenant acme --events "order.*" --forward http://localhost:3000/hook',
      'hand orders on to a program',
    ],
    ['listen --tenant acme --status 500', 'see what happens when it does not go well'],
    [
      'listen --tenant acme --public-url https://abc.tunnel.example --port 4000',
      'from a Posthorn elsewhere, by a tunnel',
    ],
  );
}

function httpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new InvalidArgumentError('Write it in full: http://localhost:3000/hook');
}
