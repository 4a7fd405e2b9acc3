/** Every language has every word, and puts the same things into its sentences. */
import { describe, expect, it } from 'vitest';
import { de } from '../../web/words/de.ts';
import { en } from '../../web/words/en.ts';

type Value = string | string[] | ((...args: never[]) => string);
const LANGUAGES: Record<string, object> = { de };

/** `webhook.charts.failed` → what is there. */
function leavesOf(words: object, path = ''): Map<string, Value> {
  return new Map(
    Object.entries(words).flatMap(([name, value]: [string, object | Value]) => {
      const at = path === '' ? name : `${path}.${name}`;
      const isGroup = typeof value === 'object' && !Array.isArray(value);
      return isGroup ? [...leavesOf(value, at)] : [[at, value] as const];
    }),
  );
}

const english = leavesOf(en);
/** Distinct and long enough not to be met by chance. */
const NUMBERS = [1234, 5678, 9012, 3456];
const TEXTS = NUMBERS.map((value) => `«${value}»`);

/** Which of its arguments a sentence shows, for arguments of the kind that it takes. */
function shownBy(sentence: (...args: never[]) => string): number[] {
  const args = (given: unknown[]) => given.slice(0, sentence.length) as never[];
  const written = (given: unknown[]): string | null => {
    try {
      return sentence(...args(given));
    } catch {
      return null;
    }
  };
  const said = `${written(NUMBERS) ?? ''} ${written(TEXTS) ?? ''}`.replaceAll(/(?<=\d)[.,](?=\d)/g, '');
  return NUMBERS.flatMap((value, index) => (said.includes(String(value)) ? [index] : []));
}

describe.each(Object.entries(LANGUAGES))('%s', (_, language) => {
  const other = leavesOf(language);

  it('has the words that English has, and no others', () => {
    expect([...other.keys()]).toEqual([...english.keys()]);
  });

  it('says something in each, of the same kind', () => {
    for (const [path, value] of english) {
      const said = other.get(path)!;
      expect(typeof said, path).toBe(typeof value);
      if (Array.isArray(value)) expect(said, path).toHaveLength(value.length);
      else if (typeof said === 'string') expect(said.trim(), path).not.toBe('');
    }
  });

  it('puts the same things into its sentences', () => {
    for (const [path, value] of english)
      if (typeof value === 'function') {
        const said = other.get(path) as typeof value;
        expect(shownBy(said), path).toEqual(shownBy(value));
      }
  });

  it('is not English that nobody has translated', () => {
    const same = [...english].filter(([path, value]) => {
      const isSentence = typeof value === 'string' && value.split(' ').length > 3;
      return isSentence && other.get(path) === value;
    });
    expect(same.map(([path]) => path)).toEqual([]);
  });
});

it('a test that looks at sentences sees what they show', () => {
  expect(shownBy(en.webhooks.sparkline as never)).toEqual([0, 1]);
  expect(shownBy(en.webhook.notifications.kinds['endpoint.failing'] as never)).toEqual([]);
  expect(shownBy(en.deliveries.run as never)).toEqual([0, 1, 2, 3]);
});
