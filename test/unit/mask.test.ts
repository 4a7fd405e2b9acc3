/** Whose values are not shown again, by the names of their headers. */
import { expect, it } from 'vitest';
import { isSensitiveHeader } from '../../src/http/mask.ts';

it.each([
  ...[
    'Authorization',
    'X-Auth',
    'X-Api-Key',
    'apikey',
    'X-Access-Key',
    'X-Functions-Key',
    'Ocp-Apim-Subscription-Key',
    'X-FunctionsKey',
    'AppKey',
    'X-Key1',
    'X-License',
  ],
  ...[
    'X-Hook-Pass',
    'X-Passwd',
    'X-Password',
    'X-Passphrase',
    'X-Pwd',
    'X-JWT',
    'X-Bearer',
    'X-Credentials',
    'X-Cred',
  ],
  ...['X-Token', 'X-Secret', 'Set-Cookie2', 'X-Session-Id', 'connect.sid', 'X-OTP', 'X-Pin', 'X-PSK'],
])('%s sounds like a credential', (name) => expect(isSensitiveHeader(name)).toBe(true));

it.each([
  ...[
    'Content-Type',
    'X-Tenant',
    'X-Keyword',
    'Idempotency',
    'X-Spinner',
    'X-Side',
    'Webhook-Signature',
    'User-Agent',
  ],
])('%s does not', (name) => expect(isSensitiveHeader(name)).toBe(false));
