import { expect, it } from 'vitest';
import { rebased } from '../../web/rebase.ts';

const before = { url: 'a', name: 'n', events: ['*'] };

it('what somebody else stored comes in where nothing was typed, and what was typed stays', () => {
  const typed = { ...before, name: 'mine' };
  expect(rebased(before, typed, { ...before, url: 'b', events: ['x.*'] })).toEqual({
    merged: { url: 'b', name: 'mine', events: ['x.*'] },
    both: [],
  });
});

it('what both changed is named, and what was typed stays; the same change is no conflict', () => {
  const typed = { ...before, url: 'mine', name: 'same' };
  expect(rebased(before, typed, { ...before, url: 'theirs', name: 'same' })).toEqual({
    merged: typed,
    both: ['url'],
  });
});
