import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.ts';

/** The admin key: POSTHORN_API_KEY, or one made at the first start and kept in the data folder, readable by us only. */
export function readOrMakeApiKey(config: Config): string {
  if (config.apiKey !== null) return config.apiKey;
  const file = join(config.dataDir, 'api-key');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    if (config.env === 'production') {
      throw new Error('Set POSTHORN_API_KEY: in production every process must be given the same key.');
    }
    const key = `ph_${randomBytes(24).toString('base64url')}`;
    mkdirSync(config.dataDir, { recursive: true });
    writeFileSync(file, `${key}\n`, { mode: 0o600 });
    return key;
  }
}
