/** The API that a command is about, and with which key. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownApiUrl } from '../api-key.ts';
import { createClient, type PosthornClient } from '../sdk/client/index.ts';
import { usageError } from './exit.ts';
import type { GlobalOptions, Run } from './run.ts';

export const DEFAULT_URL = 'http://127.0.0.1:8080';

type Asked = Pick<Run<object>, 'env'> & { options: Pick<GlobalOptions, 'url' | 'key' | 'tenant'> };

export interface Connected {
  client: PosthornClient;
  url: string;
  tenant: string;
}

/** Of a tenant, whom the command line or the environment must name. */
export function connectTenant(run: Asked): Connected {
  const tenant = run.options.tenant ?? (run.env.POSTHORN_TENANT || undefined);
  if (!tenant) throw usageError('Whose? Name the tenant with --tenant, or set POSTHORN_TENANT.');
  return { ...connectTo(run, tenant), tenant };
}

/** For what belongs to no tenant. */
export const connect = (run: Asked): PosthornClient => connectTo(run, undefined).client;

function connectTo({ options, env }: Asked, tenant: string | undefined): Omit<Connected, 'tenant'> {
  const url = apiUrl({ options, env });
  const apiKey = options.key || env.POSTHORN_API_KEY || ownKey(url, env);
  if (!apiKey)
    throw usageError(
      'No API key: set POSTHORN_API_KEY (or give --key, which others on this machine can see).',
      'At the address that a Posthorn running in this folder has printed, none is needed: it is read from .posthorn/api-key.',
    );
  try {
    return { client: createClient({ baseUrl: url, apiKey, tenant }), url };
  } catch (error) {
    const what = (error as Error).message
      .replace('baseUrl', '--url (POSTHORN_URL)')
      .replace('apiKey', 'the key');
    throw usageError(what);
  }
}

export const apiUrl = ({ options, env }: Asked): string => options.url || env.POSTHORN_URL || DEFAULT_URL;

/**
 * Development makes a key and keeps it in its data folder. It is for nobody but that Posthorn: on other ports of this machine
 * there are others' programs, and the ends of tunnels to other machines.
 */
function ownKey(url: string, env: NodeJS.ProcessEnv): string | null {
  const dataDir = env.POSTHORN_DATA_DIR || '.posthorn';
  try {
    const own = ownApiUrl(dataDir);
    if (own === null || !URL.canParse(url) || new URL(url).origin !== new URL(own).origin) return null;
    return readFileSync(join(dataDir, 'api-key'), 'utf8').trim();
  } catch {
    return null;
  }
}

export function isLocal(url: string): boolean {
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host);
}
