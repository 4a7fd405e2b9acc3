import { describe, expect, it } from 'vitest';
import { createTurns } from '../../src/http/turns.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

function stage(limits: { all: number; each: number }) {
  const turns = createTurns(limits);
  const started: string[] = [];
  const ends: (() => void)[] = [];
  const ask = (payer: string, signal = new AbortController().signal) =>
    turns.run(payer, signal, () => {
      started.push(payer);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  const endNext = async () => {
    ends.shift()?.();
    await settled();
  };
  return { ask, started, endNext };
}

describe('turns', () => {
  it('go round those who wait, however much one of them has asked for', async () => {
    const { ask, started, endNext } = stage({ all: 2, each: 2 });
    for (let i = 0; i < 5; i++) void ask('a');
    void ask('b');
    void ask('c');
    expect(started).toEqual(['a', 'a']);
    for (let i = 0; i < 5; i++) await endNext();
    expect(started).toEqual(['a', 'a', 'a', 'b', 'c', 'a', 'a']);
  });

  it('leave room for others beside one who has as many as one may', async () => {
    const { ask, started } = stage({ all: 3, each: 1 });
    void ask('a');
    void ask('a');
    void ask('b');
    expect(started).toEqual(['a', 'b']);
  });

  it('are given up by who is told to, and pass to the next', async () => {
    const { ask, started, endNext } = stage({ all: 1, each: 1 });
    const over = new AbortController();
    void ask('a');
    const impatient = ask('b', over.signal);
    void ask('c');
    over.abort(new Error('over'));
    await expect(impatient).rejects.toThrow('over');
    await endNext();
    expect(started).toEqual(['a', 'c']);
  });
});
