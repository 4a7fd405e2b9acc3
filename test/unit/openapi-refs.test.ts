import { expect, it } from 'vitest';
import { selfContained } from '../../src/catalogue/thread/refs.ts';

it('a schema that is called like the prototype of objects comes along like any other', () => {
  const document = JSON.parse('{"components": {"schemas": {"__proto__": {"required": ["x"]}}}}') as object;
  const schema = { $ref: '#/components/schemas/__proto__' };
  expect(selfContained({ ...document }, schema)).toEqual({
    $ref: '#/$defs/proto',
    $defs: { proto: { required: ['x'] } },
  });
});
