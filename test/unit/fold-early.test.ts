/** Attempts that are noted do not lie about until a schedule comes round. */
import pino from 'pino';
import { expect, it } from 'vitest';
import { createEarlyFold } from '../../src/dispatch/fold-early.ts';

const log = pino({ level: 'silent' });

function table(perStatement: number) {
  const state = { rows: 0, statements: 0, broken: false };
  const db = {
    async query() {
      state.statements += 1;
      await Promise.resolve();
      if (state.broken) throw new Error('away');
      const attempts = Math.min(perStatement, state.rows);
      state.rows -= attempts;
      return { rows: [{ attempts, groups: attempts === 0 ? 0 : 1 }] };
    },
  };
  const fold = createEarlyFold(db as never, log);
  const write = (attempts: number) => {
    state.rows += attempts;
    fold.noted(attempts);
  };
  return { state, fold, write };
}

it('few wait for the schedule, many are added up at once, one statement at a time', async () => {
  const { state, fold, write } = table(2_000);
  for (let n = 0; n < 9; n += 1) write(500);
  await fold.idle();
  expect(state).toMatchObject({ rows: 4_500, statements: 0 });
  write(500);
  write(500);
  await fold.idle();
  expect(state.statements).toBe(1);
  expect(state.rows).toBe(3_500);
});

it('what others have added up is not looked for again and again', async () => {
  const { state, fold, write } = table(2_000);
  fold.noted(50_000);
  await fold.idle();
  expect(state.statements).toBe(1);
  write(4_000);
  await fold.idle();
  expect(state.statements).toBe(1);
});

it('a failure is not repeated at once', async () => {
  const { state, fold, write } = table(2_000);
  state.broken = true;
  write(6_000);
  await fold.idle();
  write(500);
  await fold.idle();
  expect(state).toMatchObject({ rows: 6_500, statements: 1 });
});
