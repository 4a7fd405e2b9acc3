import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { checkEndpoint } from '../../src/endpoints/rules.ts';
import { createAddressGuard } from '../../src/http/address-guard.ts';
import { loadProfiles } from '../../src/profiles/index.ts';
import { builtIn } from './profiles-fixtures.ts';

it('an endpoint cannot set a header that any profile sets, one of the deployment’s own included', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'profiles-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'profiles.json');
  const acme = { ...builtIn('8bit'), name: 'acme', headers: { signature: 'X-Acme-Signature' } };
  writeFileSync(file, JSON.stringify([acme]));
  const guard = createAddressGuard({ allowLoopback: true, allowHttp: true, allowedNetworks: [] });
  const check = (name: string, extraFile: string | null) =>
    checkEndpoint({ headers: { [name]: 'x' } }, builtIn('standard'), {
      guard,
      tenantId: 't',
      profiles: loadProfiles(extraFile),
    });

  for (const name of ['x-acme-signature', 'X-ACME-Signature', 'x-8bit-event-id']) {
    await expect(check(name, file)).rejects.toMatchObject({ errors: [{ path: `headers.${name}` }] });
  }
  await expect(check('X-Acme-Signature', null)).resolves.toBeUndefined();
});
