import { setTimeout as sleep } from 'node:timers/promises';
import type { Closers } from '../closers.ts';
import type { Config } from '../config.ts';
import { createAddressGuard } from './address-guard.ts';
import { createDnsCache } from './dns-cache.ts';
import { createSender } from './sender.ts';

export const CLOSE_MS = 1_000;

/** What requests go out by. `maxSocketsPerOrigin`: many endpoints, of many tenants, may be behind one origin. */
export function openSender(config: Config, maxSocketsPerOrigin: number, closers: Closers) {
  const dns = createDnsCache();
  const guard = createAddressGuard({
    dns,
    allowLoopback: config.env === 'development',
    allowHttp: config.env === 'development',
    allowedNetworks: config.allowedNetworks,
    permitUnverifiedTls: config.allowUnverifiedTls,
  });
  const sender = createSender({ guard, dns, maxSocketsPerOrigin, proxy: config.egressProxy });
  closers.push('the sender', () =>
    Promise.race([sender.close(), sleep(CLOSE_MS, undefined, { ref: false })]),
  );
  return { guard, sender, dns };
}
