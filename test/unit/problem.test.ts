import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROBLEMS } from '../../src/problem.ts';

it('every kind of problem has a code of its own, which docs/api.md lists with its status', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8');
  const listed = [...text.matchAll(/^\| (\d{3}) +\| `([a-z_]+)` +\|/gm)].map(([, status, code]) => [
    code,
    Number(status),
  ]);
  expect(listed.sort()).toEqual(
    Object.entries(PROBLEMS)
      .map(([code, { status }]) => [code, status])
      .sort(),
  );
  expect(new Set(listed.map(([code]) => code)).size).toBe(listed.length);
});
