import { isIP } from 'node:net';
import { loadConfig, type Config } from '../../config.ts';
import { loadProfiles } from '../../profiles/index.ts';
import type { Report } from './report.ts';

/** Null: they are wrong, and nothing can be looked at with them. */
export function checkSettings(report: Report, env: NodeJS.ProcessEnv): Config | null {
  report.ok('node', process.versions.node);
  let config: Config;
  try {
    config = loadConfig(env);
  } catch (error) {
    report.fail(
      'settings',
      (error as Error).message,
      'Set them right: docs/settings.md has what each may be.',
    );
    return null;
  }
  report.ok('settings', `${config.env}, role ${config.role}, port ${config.port} on ${config.host}`);
  checkProfiles(report, config);
  checkSafety(report, config);
  return config;
}

function checkProfiles(report: Report, { profilesFile }: Config): void {
  try {
    report.ok('settings: profiles', loadProfiles(profilesFile).names().join(', '));
  } catch (error) {
    report.fail('settings: profiles', (error as Error).message, 'Put the file right: docs/profiles.md.');
  }
}

function checkSafety(report: Report, config: Config): void {
  const { env, host, encryptionKeys, allowUnverifiedTls } = config;
  if (encryptionKeys.length === 0)
    report.warn(
      'settings: secrets',
      'without POSTHORN_ENCRYPTION_KEY, signing secrets are stored as they are',
      'Before it holds anything real, set one ("openssl rand -hex 32" makes one), then: posthorn seal-again',
    );
  else report.ok('settings: secrets', `sealed; ${encryptionKeys.length} key(s) open them`);
  const isLoopback = host === 'localhost' || (isIP(host) !== 0 && /^(127\.|::1$)/.test(host));
  if (env === 'development' && !isLoopback)
    report.warn(
      'settings: environment',
      `development on ${host}: endpoints may lead to this machine and over plain http`,
      'Where others reach it, set POSTHORN_ENV=production.',
    );
  if (env === 'production' && allowUnverifiedTls)
    report.warn(
      'settings: TLS',
      'POSTHORN_ALLOW_UNVERIFIED_TLS lets endpoints do without certificates that can be verified',
      'Where that is for authorities of your own, give endpoints a "ca" instead.',
    );
}
