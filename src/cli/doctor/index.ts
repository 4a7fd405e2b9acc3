/** `posthorn doctor`: looks at everything a Posthorn here depends on, and changes nothing. */
import { Closers } from '../../closers.ts';
import type { Config } from '../../config.ts';
import { findRunning } from '../../embedded/find-running.ts';
import { openSender } from '../../http/open-sender.ts';
import { connectTenant } from '../connect.ts';
import { failureOf } from '../errors.ts';
import type { ExitCode } from '../exit.ts';
import type { Run } from '../run.ts';
import { checkApi } from './api.ts';
import { checkEgress } from './egress.ts';
import { checkEndpoint } from './endpoint.ts';
import { checkPostgres } from './postgres.ts';
import { createReport, type Report } from './report.ts';
import { checkSettings } from './settings.ts';

export interface DoctorOptions {
  endpoint?: string;
  strict?: boolean;
}

export async function doctor(run: Run<DoctorOptions>): Promise<ExitCode> {
  const report = createReport(run.output);
  const config = checkSettings(report, run.env);
  const isAsked = Boolean(run.options.url || run.env.POSTHORN_URL);
  await checkApi(report, run, isAsked);
  if (config) {
    await checkServers(report, config);
    await checkWayOut(report, config, run);
  }
  return report.end(run.options.strict === true);
}

async function checkServers(report: Report, config: Config): Promise<void> {
  const own = findRunning(config.dataDir);
  const databaseUrl = config.databaseUrl ?? own.databaseUrl;
  const temporalAddress = config.temporalAddress ?? own.temporalAddress;
  const idle = (name: string, setting: string) =>
    report.warn(
      name,
      `Posthorn's own, with its data in ${config.dataDir}, is not running`,
      `It starts and stops with Posthorn (posthorn start). One of your own is set with ${setting}.`,
    );
  if (databaseUrl === null) idle('postgres', 'DATABASE_URL');
  else await checkPostgres(report, databaseUrl, config);
  if (temporalAddress === null) return idle('temporal', 'TEMPORAL_ADDRESS');
  const { checkTemporal } = await import('./temporal.ts');
  await checkTemporal(report, temporalAddress, config);
}

async function checkWayOut(report: Report, config: Config, run: Run<DoctorOptions>): Promise<void> {
  const closers = new Closers({ error() {}, warn() {} } as never);
  const { guard, sender, dns } = openSender(config, 1, closers);
  try {
    await checkEgress(report, config, guard);
    if (run.options.endpoint === undefined) return;
    const url = await urlOf(report, run, run.options.endpoint);
    const resolvesElsewhere = config.egressProxy?.resolves === true;
    if (url !== null) await checkEndpoint(report, url, { sender, guard, dns, resolvesElsewhere });
  } finally {
    await closers.closeAll();
  }
}

/** A URL, or the id of an endpoint that the API knows. */
async function urlOf(report: Report, run: Run<DoctorOptions>, given: string): Promise<string | null> {
  if (!/^ep_/.test(given)) return given;
  try {
    const endpoint = await connectTenant(run).client.endpoints.get(given);
    return endpoint.url;
  } catch (error) {
    const { message, hint } = failureOf(error);
    report.fail('endpoint', message, hint ?? 'Give the URL itself.');
    return null;
  }
}
