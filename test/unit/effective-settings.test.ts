/** The settings as they are shown: complete, effective, and without secrets. */
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { withoutCredentials } from '../../src/effective-settings.ts';

const shown = (env: NodeJS.ProcessEnv) =>
  new Map(loadConfig(env).settings.map((setting) => [setting.name, setting]));

it('says what was set, what holds in place of what was not, and what follows from others', () => {
  const settings = shown({ MAX_IN_FLIGHT: '64', PORT: '' });
  expect(settings.get('MAX_IN_FLIGHT')).toEqual({
    ...{ name: 'MAX_IN_FLIGHT', value: '64' },
    ...{ isSet: true, isHidden: false },
  });
  expect(settings.get('PORT')).toMatchObject({ value: '8080', isSet: false });
  expect(settings.get('POSTHORN_ENV')).toMatchObject({ value: 'development', isSet: false });
  expect(settings.get('POSTHORN_ALLOW_UNVERIFIED_TLS')).toMatchObject({ value: 'true', isSet: false });
  expect(settings.get('DATABASE_URL')).toMatchObject({ value: null, isSet: false, isHidden: false });
  expect(settings.has('NODE_ENV')).toBe(false);
});

it('shows no secret, whichever setting holds one', () => {
  const secret = 'Planted-Secret-0123456789';
  const env = {
    POSTHORN_API_KEY: secret,
    POSTHORN_ENCRYPTION_KEYS: `${secret},${secret}-older`,
    DATABASE_URL: `postgres://ada:${secret}@db.example:5432/posthorn?sslpassword=${secret}`,
    POSTHORN_EGRESS_PROXY: `http://proxy:${secret}@proxy.example:3128`,
    SMTP_URL: `smtps://apikey:${secret}@mail.example`,
    SMTP_FROM: 'posthorn@example.com',
  };
  const settings = shown(env);
  expect(JSON.stringify([...settings.values()])).not.toContain(secret);
  for (const name of Object.keys(env).filter((one) => one !== 'SMTP_FROM'))
    expect(settings.get(name), name).toMatchObject({ isSet: true, isHidden: true });
  expect(settings.get('DATABASE_URL')?.value).toBe('postgres://ada:•••@db.example:5432/posthorn?•••');
  expect(settings.get('POSTHORN_API_KEY')?.value).toBeNull();
});

describe('an address', () => {
  it.each([
    ['https://temporal.example.com', 'https://temporal.example.com/'],
    ['http://token@proxy:3128', 'http://•••@proxy:3128/'],
    // A password that nobody encoded: what stands behind it would show a part of it.
    ['postgres://u:se/cret@h/db', '•••'],
    ['postgres://u:12/cret@h/db', '•••'],
    ['postgres://u:12?cret@h/db', '•••'],
    ['postgres://u:12#cret@h/db', '•••'],
    ['https://a.example,https://*.b.example', 'https://a.example,https://*.b.example'],
    ['10.0.0.0/8', '10.0.0.0/8'],
  ])('%s is shown as %s', (text, expected) => expect(withoutCredentials(text)).toBe(expected));
});
