import { describe, expect, it } from 'vitest';
import { createSeal, UnsealError } from '../../src/store/seal.ts';

const OLD = 'the-old-encryption-key';
const NEW = 'the-new-encryption-key';

describe('a sealed text', () => {
  it('opens with its key, in its place only', () => {
    const seal = createSeal([NEW]);
    const stored = seal.close('whsec_abc ä', 'ep_1/secret');
    expect(stored).not.toContain('whsec');
    expect(seal.open(stored, 'ep_1/secret')).toBe('whsec_abc ä');
    for (const place of ['ep_2/secret', 'ep_1/auth', '']) {
      expect(() => seal.open(stored, place)).toThrow(UnsealError);
    }
  });

  it('is another one each time', () => {
    const seal = createSeal([NEW]);
    expect(seal.close('x', 'p')).not.toBe(seal.close('x', 'p'));
  });

  it('opens with any of the keys and is sealed with the first', () => {
    const before = createSeal([OLD]).close('text', 'p');
    const both = createSeal([NEW, OLD]);
    expect(both.open(before, 'p')).toBe('text');
    expect([both.isCurrent(before), both.isCurrent(both.close('text', 'p'))]).toEqual([false, true]);
    expect(createSeal([NEW]).open(both.close('text', 'p'), 'p')).toBe('text');
  });

  it('says which key is missing, without saying the key', () => {
    const stored = createSeal([OLD]).close('text', 'p');
    const id = stored.split(':')[2]!;
    expect(id).toMatch(/^[0-9a-f]{8}$/);
    for (const keys of [[NEW], []]) expect(() => createSeal(keys).open(stored, 'p')).toThrow(new RegExp(id));
  });

  it.each(['sealed:1:AAAA', 'sealed:1:', 'sealed:', 'sealed:1:00000000:!!', 'sealed:9:00000000:AAAA'])(
    'that is none is refused as damaged: %s',
    (stored) => expect(() => createSeal([NEW]).open(stored, 'p')).toThrow(UnsealError),
  );

  it('that was cut or changed does not open', () => {
    const seal = createSeal([NEW]);
    const stored = seal.close('a text', 'p');
    const prefix = stored.slice(0, stored.lastIndexOf(':') + 1);
    const bytes = Buffer.from(stored.slice(prefix.length), 'base64');
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => seal.open(prefix + bytes.subarray(0, length).toString('base64'), 'p')).toThrow(
        UnsealError,
      );
      const changed = Buffer.from(bytes);
      changed[length]! ^= 1;
      expect(() => seal.open(prefix + changed.toString('base64'), 'p')).toThrow(UnsealError);
    }
  });
});

it('without a key text is stored as it is, and stays readable with one', () => {
  const stored = createSeal([]).close('text', 'p');
  expect(stored).toBe('text');
  expect(createSeal([NEW]).open(stored, 'p')).toBe('text');
  expect(createSeal([NEW]).isCurrent(stored)).toBe(false);
});
