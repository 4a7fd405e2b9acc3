import { connect } from 'node:net';
import type { Config } from '../../config.ts';
import type { AddressGuard } from '../../http/address-guard.ts';
import type { Report } from './report.ts';

const PATIENCE_MS = 5_000;

/** Where deliveries may go, and by which door they leave. */
export async function checkEgress(report: Report, config: Config, guard: AddressGuard): Promise<void> {
  const { egressProxy, allowedNetworks, env } = config;
  const also = [
    ...(guard.addressProblem('127.0.0.1') === null ? ['this machine'] : []),
    ...(guard.urlProblem('http://example.com/') === null ? ['plain http'] : []),
    ...allowedNetworks,
  ];
  report.ok(
    'egress: addresses',
    `public ones${also.length > 0 ? `, and besides ${also.join(', ')}` : ' only'}`,
  );
  const everything = allowedNetworks.filter((network) => /\/0$/.test(network));
  if (everything.length > 0)
    report.fail(
      'egress: addresses',
      `POSTHORN_ALLOWED_NETWORKS=${everything.join(',')} lets deliveries go anywhere, your own network included`,
      'Name only the networks that endpoints are in.',
    );
  if (!egressProxy) return;
  const { host, port, resolves } = egressProxy;
  const problem = await connectProblem(host, port);
  if (problem === null) report.ok('egress: proxy', `${host}:${port} takes connections`);
  else
    report.fail(
      'egress: proxy',
      `${host}:${port}: ${problem}`,
      'Nothing can be delivered while it is away: is POSTHORN_EGRESS_PROXY right?',
    );
  if (resolves && env === 'production')
    report.warn(
      'egress: proxy',
      'it looks names up itself, so it alone keeps deliveries out of your networks',
      'See that it refuses private addresses; or unset POSTHORN_EGRESS_PROXY_RESOLVES.',
    );
}

function connectProblem(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PATIENCE_MS });
    const end = (problem: string | null) => {
      socket.destroy();
      resolve(problem);
    };
    socket.once('connect', () => end(null));
    socket.once('error', (error) => end(error.message));
    socket.once('timeout', () => end(`no connection within ${PATIENCE_MS / 1000} s`));
  });
}
