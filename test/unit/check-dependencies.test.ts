import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkLicences, isAllowed, verdictOn } from '../../scripts/check-dependencies.mjs';

it('everything that is installed is under a licence that is allowed', () => {
  expect(checkLicences()).toBeGreaterThan(100);
});

it('a package under another licence, or none, is named', () => {
  const directory = mkdtempSync(join(tmpdir(), 'posthorn-licences-'));
  try {
    const packages: Record<string, object> = { '': {} };
    const install = (name: string, manifest: object, entry: object = {}) => {
      packages[`node_modules/${name}`] = { version: '1.0.0', ...entry };
      mkdirSync(join(directory, 'node_modules', name), { recursive: true });
      writeFileSync(join(directory, 'node_modules', name, 'package.json'), JSON.stringify(manifest));
    };
    install('fine', { license: 'MIT' });
    install('old', { licenses: [{ type: 'BSD-3-Clause' }, { type: 'GPL-2.0' }] });
    install('tool', { license: 'MPL-2.0' }, { dev: true });
    install('@x/infectious', { license: 'AGPL-3.0-only' });
    install('silent', {});
    install('run-with', { license: 'MPL-2.0' });
    packages['node_modules/for-another-platform'] = { version: '1.0.0' };
    writeFileSync(join(directory, 'package-lock.json'), JSON.stringify({ packages }));
    const said = () => checkLicences(directory);
    expect(said).toThrow('@x/infectious@1.0.0: AGPL-3.0-only');
    expect(said).toThrow('silent@1.0.0: it names no licence');
    expect(said).toThrow('run-with@1.0.0: MPL-2.0');
    expect(said).not.toThrow(/fine|old|tool|platform/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

it.each([
  ['MIT', true],
  ['(MIT OR GPL-3.0)', true],
  ['MIT AND GPL-3.0', false],
  ['Apache-2.0 AND MIT', true],
  ['SEE LICENSE IN LICENSE', false],
  [null, false],
])('%s: %s', (licence, expected) => expect(isAllowed(licence)).toBe(expected));

it('an audit that was not answered is said and stops nothing; what is bad is named', () => {
  expect(verdictOn({ message: '405 Method Not Allowed' })).toContain('not done');
  expect(verdictOn(null, 'timed out')).toContain('timed out');
  expect(verdictOn({ metadata: { vulnerabilities: { total: 0 } }, vulnerabilities: {} })).toContain(
    'nothing high',
  );
  const vulnerabilities = {
    bad: { name: 'bad', severity: 'critical', range: '<2' },
    dull: { name: 'dull', severity: 'low' },
  };
  const audit = () => verdictOn({ metadata: { vulnerabilities: { total: 2 } }, vulnerabilities });
  expect(audit).toThrow('bad <2: critical');
  expect(audit).not.toThrow('dull');
});
