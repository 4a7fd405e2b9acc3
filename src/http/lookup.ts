/**
 * From a name to its addresses. The system's resolver (getaddrinfo) occupies one of libuv's four threads until it has
 * an answer, which a silent name server holds back for many seconds: whoever names forty such hosts stops every
 * other look-up, and file access with them. So the name servers are asked over sockets (c-ares), and the system only
 * for what it alone may know: search domains, mDNS, services of its own.
 */
import { lookup, promises as dns, type LookupAddress } from 'node:dns';
import { createHostsFile, type HostsFile } from './hosts-file.ts';
import { isNoAnswer, isNoTurn, isSilent, lookupError } from './lookup-error.ts';
import { createSharedLookups } from './shared-lookups.ts';

export interface LookupOptions {
  /** `192.0.2.53` or `127.0.0.1:5353`; the system's unless given. */
  nameServers?: string[];
  hosts?: HostsFile;
  /** Replaces getaddrinfo in tests. */
  bySystem?: (hostname: string) => Promise<LookupAddress[]>;
  /** In ms, for waiting for a turn, and again for the look-up. */
  limitMs?: number;
}

/** `payer`: whoever the look-up is for; look-ups take turns by it. Rejects with a `lookupError`. */
export type Lookup = (hostname: string, payer: string) => Promise<LookupAddress[]>;

const LIMIT_MS = 5_000;
const LOOKUPS_AT_ONCE = 256;
const LOOKUPS_OF_ONE_PAYER = 16;

/** The second try waits twice as long. */
const FIRST_TRY_MS = 1_500;
const TRIES = 2;
/** What the other family's answer is still waited for once there are addresses. */
const OTHER_FAMILY_MS = 300;
/** Of the four threads; the others are for files and compression. */
const SYSTEM_LOOKUPS = 2;

export function createLookup(options: LookupOptions = {}): Lookup {
  const { nameServers, hosts = createHostsFile(), bySystem = getaddrinfo, limitMs = LIMIT_MS } = options;
  const ofServers = createSharedLookups({
    all: LOOKUPS_AT_ONCE,
    each: LOOKUPS_OF_ONE_PAYER,
    limitMs,
    lookUp: (hostname, signal) => byNameServers(hostname, nameServers, signal),
  });
  const askSystem = createSharedLookups({ all: SYSTEM_LOOKUPS, each: 1, limitMs, lookUp: bySystem });
  /** The name servers have answered something, if only no. Where they never do, the system may know another way. */
  let serversAnswer = false;

  async function askServers(hostname: string, payer: string): Promise<LookupAddress[]> {
    try {
      const addresses = await ofServers(hostname, payer);
      serversAnswer = true;
      return addresses;
    } catch (error) {
      serversAnswer ||= !isNoAnswer(error);
      throw error;
    }
  }

  return async (hostname, payer) => {
    const known = hosts.find(hostname);
    if (known !== null) return known;
    if (!serversAnswer) {
      const either = [askServers(hostname, payer), askSystem(hostname, payer)];
      return Promise.any(either).catch(({ errors }: AggregateError) => {
        throw errors.find((error) => !isNoAnswer(error)) ?? errors[1];
      });
    }
    try {
      return await askServers(hostname, payer);
    } catch (error) {
      if (isSilent(error) || isNoTurn(error)) throw error;
      return askSystem(hostname, payer);
    }
  };
}

/** With a resolver of its own, so that ending it ends no other, and a changed resolv.conf counts at once. */
async function byNameServers(
  hostname: string,
  nameServers: string[] | undefined,
  signal: AbortSignal,
): Promise<LookupAddress[]> {
  const resolver = new dns.Resolver({ timeout: FIRST_TRY_MS, tries: TRIES });
  if (nameServers) resolver.setServers(nameServers);
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  let otherFamily: NodeJS.Timeout | undefined;
  const soonAll = (addresses: string[]) => {
    otherFamily ??= setTimeout(cancel, OTHER_FAMILY_MS);
    return addresses;
  };
  try {
    const answers = await Promise.allSettled([
      resolver.resolve4(hostname).then(soonAll),
      resolver.resolve6(hostname).then(soonAll),
    ]);
    const addresses = answers.flatMap((answer, index) =>
      answer.status === 'fulfilled'
        ? answer.value.map((address) => ({ address, family: index === 0 ? 4 : 6 }))
        : [],
    );
    if (addresses.length > 0) return addresses;
    throw lookupError(hostname, worstOf(answers));
  } finally {
    clearTimeout(otherFamily);
    signal.removeEventListener('abort', cancel);
  }
}

/** No answer for one family outweighs a no for the other. */
function worstOf(answers: PromiseSettledResult<unknown>[]): string {
  const codes = answers.map((each) =>
    each.status === 'rejected' ? ((each.reason as NodeJS.ErrnoException).code ?? 'ESERVFAIL') : 'ENODATA',
  );
  const code = codes.find((each) => isNoAnswer({ code: each })) ?? 'ENOTFOUND';
  return code === 'ECANCELLED' ? 'ETIMEOUT' : code;
}

function getaddrinfo(hostname: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });
}
