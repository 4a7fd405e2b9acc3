import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';

const KEY = 'an-encryption-key-of-mine';
const API_KEY = 'an-api-key-of-mine';

const problemsOf = (env: NodeJS.ProcessEnv): string => {
  try {
    loadConfig(env);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a setting that is wrong', () => {
  it.each([
    ['PORT', 'abc', 'a whole number from 0 to 65535'],
    ['PORT', '70000', 'a whole number from 0 to 65535'],
    ['PORT', '0x50', 'a whole number'],
    ['PORT', '1e3', 'a whole number'],
    ['BURST_SIZE', '-1', 'a whole number from 1 to 1000'],
    ['MAX_IN_FLIGHT', '1.5', 'a whole number from 1 to 10000'],
    ['POSTHORN_RECEIVER_PORT', 'x', 'a whole number from 0 to 65535'],
    ['POSTHORN_ROLE', 'both', '"all" or "api" or "worker"'],
    ['POSTHORN_ENV', 'prod', '"development" or "production"'],
    ['DISPATCH', 'slow', '"fast" or "strict"'],
    ['WORKFLOW_CALL_STACKS', '1', '"true" or "false"'],
    ['WARM_UP', 'no', '"true" or "false"'],
    ['POSTHORN_LOG_LEVEL', 'loud', '"trace" or'],
    ['POSTHORN_ALLOWED_NETWORKS', '10.0.0.0/8,example.com', 'addresses and networks'],
    ['TEMPORAL_ADDRESS', 'temporal', 'host:port'],
  ])('is named with its value and what is expected: %s=%s', (name, value, expected) => {
    const text = problemsOf({ [name]: value });
    expect(text).toContain(`${name}=${JSON.stringify(value)}: expected`);
    expect(text).toContain(expected);
    expect(text).not.toContain('NaN');
  });

  it.each([
    ['POSTHORN_API_KEY', 'tiny-secret', 'at least 16 characters'],
    ['POSTHORN_ENCRYPTION_KEY', 'tiny-secret', 'at least 16 characters'],
    ['POSTHORN_ENCRYPTION_KEY', `tiny-secret,${KEY}`, 'without spaces and commas'],
    ['POSTHORN_ENCRYPTION_KEYS', `${KEY},tiny-secret`, 'newest first'],
    ['DATABASE_URL', 'mysql://u:tiny-secret@h/d', 'postgres://'],
    ['DATABASE_URL', 'postgres://u:of/tiny-secret@h/d', 'in the password as %2F'],
  ])('is named without its value where that is a secret: %s', (name, value, expected) => {
    const text = problemsOf({ [name]: value });
    expect(text).toContain(`${name}: expected`);
    expect(text).toContain(expected);
    expect(text).not.toContain('tiny-secret');
  });

  it.each(['https://ops:tiny-secret@temporal.example', 'https://temporal.example/?token=tiny-secret'])(
    'may be one whose reader would get a password of it: TEMPORAL_UI_URL=%s',
    (value) => {
      const text = problemsOf({ TEMPORAL_UI_URL: value });
      expect(text).toContain('expected a URL without a user, a password and a query');
      expect(text).not.toContain('tiny-secret');
    },
  );

  it('is not the URL of a database behind a socket', () => {
    expect(problemsOf({ DATABASE_URL: 'postgres://u:p@/d?host=/run/postgresql' })).toBe('');
    expect(problemsOf({ DATABASE_URL: 'postgresql:///d' })).toBe('');
  });

  it('does not hide another one', () => {
    const text = problemsOf({ PORT: 'abc', DISPATCH: 'slow', BURST_SIZE: '0' });
    for (const name of ['PORT', 'DISPATCH', 'BURST_SIZE']) expect(text).toContain(name);
  });

  it('an empty one counts as not set', () => {
    expect(loadConfig({ PORT: '', DISPATCH: '', POSTHORN_ENCRYPTION_KEY: '' })).toEqual(loadConfig({}));
  });
});

describe('production', () => {
  const production = { POSTHORN_ENV: 'production', POSTHORN_API_KEY: API_KEY };

  it('does not start without an encryption key, nor without an API key, and says what to do', () => {
    const neither = problemsOf({ NODE_ENV: 'production' });
    expect(neither).toMatch(/POSTHORN_ENCRYPTION_KEY: missing.*set it.*openssl rand/);
    expect(neither).toMatch(/POSTHORN_API_KEY: missing.*set it/);
    expect(problemsOf(production)).toContain('POSTHORN_ENCRYPTION_KEY: missing');
    expect(problemsOf({ ...production, POSTHORN_ENCRYPTION_KEY: KEY })).toBe('');
    expect(problemsOf({ ...production, POSTHORN_ENCRYPTION_KEYS: `${KEY}-2,${KEY}` })).toBe('');
  });
});

describe('encryption keys', () => {
  it('are one, or several with the newest first, or none in development', () => {
    expect(loadConfig({}).encryptionKeys).toEqual([]);
    expect(loadConfig({ POSTHORN_ENCRYPTION_KEY: KEY }).encryptionKeys).toEqual([KEY]);
    expect(loadConfig({ POSTHORN_ENCRYPTION_KEYS: `${KEY}-2, ${KEY}` }).encryptionKeys).toEqual([
      `${KEY}-2`,
      KEY,
    ]);
  });

  it('are given one way, not both', () => {
    expect(problemsOf({ POSTHORN_ENCRYPTION_KEY: KEY, POSTHORN_ENCRYPTION_KEYS: KEY })).toContain('not both');
  });
});
