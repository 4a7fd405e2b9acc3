/** Whether an endpoint can be reached from here: the way that deliveries go, a step at a time. */
import { isIP } from 'node:net';
import type { HttpMethod, HttpResult } from '../../domain.ts';
import type { AddressGuard } from '../../http/address-guard.ts';
import type { DnsCache } from '../../http/dns-cache.ts';
import type { Sender } from '../../http/sender.ts';
import type { Report } from './report.ts';

const TIMEOUT_MS = 10_000;
/** Nothing happens by it at a receiver. */
const METHOD = 'HEAD';

export interface EndpointTools {
  sender: Sender;
  guard: AddressGuard;
  dns: DnsCache;
  /** The proxy looks names up itself. */
  resolvesElsewhere: boolean;
}

export async function checkEndpoint(report: Report, url: string, tools: EndpointTools): Promise<void> {
  const problem = tools.guard.urlProblem(url);
  if (problem !== null) {
    report.fail('endpoint: url', problem, 'No endpoint can have this URL here.');
    return;
  }
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) === 0 && !tools.resolvesElsewhere && !(await checkName(report, host, tools))) return;
  const result = await tools.sender.send({
    ...{ url, method: METHOD as HttpMethod, headers: {}, body: '', timeoutMs: TIMEOUT_MS },
    ...{ verifyTls: true, fresh: true, allowedIps: [] },
  });
  showSteps(report, result);
  showEnd(report, result);
}

async function checkName(report: Report, host: string, { dns, guard }: EndpointTools): Promise<boolean> {
  let addresses: string[];
  try {
    addresses = (await dns.resolve(host)).map(({ address }) => address);
  } catch (error) {
    report.fail(
      'endpoint: dns',
      (error as Error).message,
      `Is ${host} the right name, and does DNS know it here?`,
    );
    return false;
  }
  const blocked = addresses.map((address) => guard.addressProblem(address)).filter((one) => one !== null);
  if (blocked.length > 0)
    report.fail('endpoint: dns', `${host} leads to ${addresses.join(', ')}`, blocked[0]!);
  else report.ok('endpoint: dns', `${host} leads to ${addresses.join(', ')}`);
  return blocked.length === 0;
}

function showSteps(report: Report, { timing }: HttpResult): void {
  if (timing.connectMs !== null) report.ok('endpoint: connect', `took ${timing.connectMs} ms`);
  if (timing.tlsMs !== null)
    report.ok('endpoint: tls', `took ${timing.tlsMs} ms, and the certificate is good`);
}

/** What to do about each way in which there is no answer. */
const ADVICE: Record<string, string> = {
  dns: 'Is the name right, and does DNS know it here?',
  connection: 'Is something listening there, and does a firewall let us through (GET /v1/egress-ips)?',
  tls: 'The receiver must send its whole chain of certificates, for this name; an authority of its own goes into "ca".',
  timeout: 'Does a firewall drop what comes from here, or does the receiver take too long to answer?',
  blocked_address: 'Deliveries do not go there: POSTHORN_ALLOWED_NETWORKS can admit networks of your own.',
  invalid_response: 'Something else than HTTP listens there.',
};
const STEP: Record<string, string> = { dns: 'dns', connection: 'connect', tls: 'tls' };

function showEnd(report: Report, { statusCode, error, durationMs }: HttpResult): void {
  if (statusCode === null) {
    const kind = error?.class ?? 'connection';
    const advice = ADVICE[kind] ?? 'The message says what is wrong.';
    return report.fail(`endpoint: ${STEP[kind] ?? 'answer'}`, error?.message ?? 'no answer', advice);
  }
  const message = `answered ${statusCode} to ${METHOD} after ${durationMs} ms`;
  if (statusCode >= 300 && statusCode < 400)
    report.warn(
      'endpoint: answer',
      `${message}: a redirect`,
      'Redirects are not followed: give the final URL.',
    );
  else if (statusCode >= 500)
    report.warn('endpoint: answer', message, 'It was reached, and is in trouble of its own.');
  else
    report.ok(
      'endpoint: answer',
      `${message}: it is reached (posthorn endpoints test says what it makes of an event)`,
    );
}
