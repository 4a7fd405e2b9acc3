import { expect, it } from 'vitest';
import { missingFlags, NODE_FLAGS } from '../../src/memory-settings.ts';

it('a process started without flags lacks all of them, and one that has them lacks none', () => {
  expect(missingFlags([])).toEqual(NODE_FLAGS);
  expect(missingFlags(['--enable-source-maps', ...NODE_FLAGS])).toEqual([]);
});

it('what an operator set by hand is left alone, on the command line and in NODE_OPTIONS', () => {
  const [, ...others] = NODE_FLAGS;
  expect(missingFlags(['--max-semi-space-size=32'])).toEqual(others);
  expect(missingFlags(['--max_semi_space_size=32'], '"--heap-growing-percent=80"')).toEqual(others.slice(1));
  expect(missingFlags([], '--trace-gc  --max-semi-space-size=16')).toEqual(others);
  for (const flag of ['--allocation-site-pretenuring', '--noallocation_site_pretenuring'])
    expect(missingFlags([flag])).toEqual(NODE_FLAGS.slice(0, -1));
});
