/** `posthorn listen`: an endpoint for as long as somebody looks. */
import { hostname } from 'node:os';
import type { PosthornClient } from '../../sdk/client/index.ts';
import { loadProfiles } from '../../profiles/index.ts';
import type { Profile } from '../../profiles/profile.ts';
import type { ListenOptions } from '../commands/listen.ts';
import { connectTenant, isLocal } from '../connect.ts';
import { failureOf } from '../errors.ts';
import { EXIT, usageError, type ExitCode } from '../exit.ts';
import { untilStopped } from '../interrupt.ts';
import type { Output } from '../output.ts';
import { printable } from '../../printable.ts';
import type { Run } from '../run.ts';
import { startReceiving, type Signing } from './receive.ts';
import { showHeard } from './show.ts';

/** Killed without a word, it leaves its endpoint behind: that one ends itself when nobody has answered for so long. */
const DISABLE_AFTER_DAYS = 0.25;

export async function listen(run: Run<ListenOptions>): Promise<ExitCode> {
  const { options, output, env } = run;
  const { client, url, tenant } = connectTenant(run);
  const profile = profileOf(options, env);
  if (!isLocal(url) && options.publicUrl === undefined)
    output.note(
      `${new URL(url).host} is another machine: it reaches this one only by a public address. If nothing arrives, give ` +
        '--public-url, such as that of a tunnel.',
    );
  let onMade: (signing: Signing) => void = () => {};
  const signing = new Promise<Signing>((resolve) => (onMade = resolve));
  const stopped = untilStopped();
  let left = options.count ?? Infinity;
  const receiver = await startReceiving({
    ...{ host: options.host, port: options.port, signing },
    ...{ forwardTo: options.forward ?? null, status: options.status ?? null },
    onHeard(heard) {
      if (left <= 0) return;
      showHeard(output, heard, options.headers === true);
      left -= 1;
      if (left === 0) stopped.stop();
    },
  });
  try {
    const endpointUrl = options.publicUrl ?? `http://${bracketed(options.host)}:${receiver.port}/`;
    const endpoint = await client.endpoints.create(settingsOf(options, endpointUrl));
    onMade({ profile, secret: endpoint.secret ?? null });
    const { id, events } = endpoint;
    output.record({ kind: 'listening', tenant, endpoint_id: id, url: endpointUrl, events }, () =>
      output.line(
        printable(
          `listening on ${endpointUrl} for ${events.join(', ')} of ${tenant} (${id}). Ctrl-C ends it, and takes the endpoint away.`,
        ),
      ),
    );
    await stopped.promise;
    return await takeAway(client, id, output);
  } finally {
    await receiver.stop();
    stopped.done();
  }
}

async function takeAway(client: PosthornClient, id: string, output: Output): Promise<ExitCode> {
  try {
    await client.endpoints.delete(id, { totalTimeoutSeconds: 10 });
    output.record({ kind: 'ended', endpoint_id: id, deleted: true }, () =>
      output.line(printable(`${id} is gone.`)),
    );
    return EXIT.ok;
  } catch (error) {
    const { message, exitCode } = failureOf(error);
    // Somebody else has taken it away.
    if (exitCode === EXIT.notFound) return EXIT.ok;
    output.record({ kind: 'ended', endpoint_id: id, deleted: false, problem: message }, () => {});
    output.note(
      `The endpoint could not be taken away: ${message}\nIt still leads here. When the API answers again: posthorn endpoints delete ${id}`,
    );
    return EXIT.failed;
  }
}

function settingsOf(
  options: ListenOptions,
  url: string,
): Parameters<PosthornClient['endpoints']['create']>[0] {
  const { events, environments, profile } = options;
  return {
    url,
    profile,
    name: `posthorn listen on ${hostname()}`.slice(0, 200),
    ...(events ? { events } : {}),
    ...(environments ? { environments: environments as 'production'[] } : {}),
    notify_on_failure: false,
    disable_after_days: DISABLE_AFTER_DAYS,
    metadata: { made_by: 'posthorn listen' },
  };
}

/** Built in, or from a file: to verify by. */
function profileOf({ profile: name, profilesFile }: ListenOptions, env: NodeJS.ProcessEnv): Profile {
  const profiles = loadProfiles(profilesFile ?? (env.POSTHORN_PROFILES_FILE || null));
  const profile = profiles.get(name);
  if (profile) return profile;
  throw usageError(
    `There is no profile "${name}"; there are ${profiles.names().join(', ')}.`,
    'One of your own is read from --profiles-file.',
  );
}

const bracketed = (host: string) =>
  host === '0.0.0.0' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
