import { expect, it } from 'vitest';
import { numberOf } from '../../web/numbers.ts';

it.each([
  ['', null],
  [' ', null],
  ['5', 5],
  ['0,5', 0.5],
  [' 0.125 ', 0.125],
])('%j is %j', (typed, number) => expect(numberOf(typed)).toBe(number));

it.each(['3 days', 'ten', '1e999', '1,000', '1.000', '12.345,5'])(
  '%j is sent as it is, to be refused',
  (typed) => expect(JSON.stringify(numberOf(typed))).toBe(JSON.stringify(typed)),
);
