/** Names that this machine knows by itself: those of its hosts file, and localhost (RFC 6761). */
import type { LookupAddress } from 'node:dns';
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';

export interface HostsFile {
  /** null: the name is not in there. */
  find(hostname: string): LookupAddress[] | null;
}

const SYSTEMS_OWN =
  process.platform === 'win32'
    ? `${process.env.SystemRoot ?? 'C:\\Windows'}\\System32\\drivers\\etc\\hosts`
    : '/etc/hosts';
/** How long a change of the file may go unnoticed. */
const LOOK_AGAIN_MS = 5_000;
const LOOPBACK: LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

export function createHostsFile(path = SYSTEMS_OWN): HostsFile {
  let names = new Map<string, LookupAddress[]>();
  let version = -1;
  let lookedAt = -Infinity;

  function refresh(): void {
    if (performance.now() - lookedAt < LOOK_AGAIN_MS) return;
    lookedAt = performance.now();
    try {
      const { mtimeMs } = statSync(path);
      if (mtimeMs !== version) names = parse(readFileSync(path, 'utf8'));
      version = mtimeMs;
    } catch {
      names = new Map();
      version = -1;
    }
  }

  return {
    find(hostname) {
      refresh();
      const name = hostname.toLowerCase().replace(/\.$/, '');
      return names.get(name) ?? (/(^|\.)localhost$/.test(name) ? LOOPBACK : null);
    },
  };
}

function parse(text: string): Map<string, LookupAddress[]> {
  const names = new Map<string, LookupAddress[]>();
  for (const line of text.split(/\r?\n/)) {
    const [address = '', ...hosts] = line.replace(/#.*/, '').trim().split(/\s+/);
    const family = isIP(address);
    if (family === 0) continue;
    for (const host of hosts.map((each) => each.toLowerCase())) {
      if (!names.has(host)) names.set(host, []);
      names.get(host)!.push({ address, family });
    }
  }
  return names;
}
