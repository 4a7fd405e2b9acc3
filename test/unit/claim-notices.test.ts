import { expect, it } from 'vitest';
import { claimNotices } from '../../src/store/claim-notices.ts';

const RULES = { canMail: true, windowSeconds: 600, mailsPerHour: 60 };

it('costs one statement, and no transaction, while there is nothing to tell', async () => {
  const asked: (string | undefined)[] = [];
  const pool = {
    query: ({ name }: { name?: string }) => {
      asked.push(name);
      return Promise.resolve({ rows: [], rowCount: 0 });
    },
    connect: () => Promise.reject(new Error('a connection was taken')),
  };
  expect(await claimNotices(pool as never, RULES, 500)).toEqual({ looked: 0, granted: [] });
  expect(asked).toEqual(['any-due-notice']);
});
