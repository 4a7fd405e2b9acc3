/** What the sweep sets going when nothing has happened to it for a while, and when Temporal does not hear of that either. */
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createUnattendedPass } from '../../src/dispatch/unattended-pass.ts';
import { createPool, type Pool } from '../../src/store/pool.ts';
import { beginRelease } from '../../src/store/releases.ts';
import { insertReplay, moveReplay, type NewReplay } from '../../src/store/replays.ts';
import { createDatabase } from '../support/posthorn.ts';

let db: Pool;
let told: string[];
let isAway: boolean;
let pass: () => Promise<void>;

beforeAll(async () => {
  db = createPool(await createDatabase(), 2);
});
afterAll(() => db?.end());
beforeEach(async () => {
  told = [];
  isAway = false;
  const tell = ({ endpointId }: { endpointId: string }): Promise<void> => {
    told.push(endpointId);
    return isAway ? Promise.reject(new Error('away')) : Promise.resolve();
  };
  const longWork = { wakeReplay: tell, wakeRelease: tell, ensureRelease: tell };
  pass = createUnattendedPass({ db, longWork, log: pino({ level: 'silent' }) });
  await db.query('TRUNCATE replays, releases');
});

const replay: NewReplay = {
  ...{ tenantId: 't', id: 'rpl_1', endpointId: 'ep_replay', kind: 'failed', statuses: ['failed'] },
  ...{ since: new Date(0), until: new Date(), eventTypes: null, perSecond: null, position: '' },
};

/** As if so much time had gone by. */
async function wait(seconds: number): Promise<void> {
  for (const table of ['replays', 'releases'])
    await db.query(`UPDATE ${table} SET touched_at = touched_at - make_interval(secs => $1)`, [seconds]);
}

/** Whom the next pass tells, after so many seconds. */
async function toldAfter(seconds: number): Promise<string[]> {
  told = [];
  await wait(seconds);
  await pass();
  return told.sort();
}

it('what has just begun is found in a quarter of a minute, and then once a minute', async () => {
  await insertReplay(db, replay);
  await beginRelease(db, 't', 'ep_release', 1);
  expect(await toldAfter(10)).toEqual([]);
  expect(await toldAfter(6)).toEqual(['ep_release', 'ep_replay']);
  expect(await toldAfter(50)).toEqual([]);
  expect(await toldAfter(11)).toEqual(['ep_release', 'ep_replay']);
});

it('what is resumed or cancelled is found as soon, and what is paused is not looked for', async () => {
  await insertReplay(db, replay);
  await moveReplay(db, replay, ['running'], 'paused', null);
  expect(await toldAfter(100)).toEqual([]);
  for (const [from, to] of [
    ['paused', 'running'],
    ['running', 'cancelled'],
  ] as const) {
    await moveReplay(db, replay, [from], to, null);
    expect(await toldAfter(10)).toEqual([]);
    expect(await toldAfter(6)).toEqual(['ep_replay']);
  }
});

it('what Temporal did not hear of is tried again in a quarter of a minute, as long as it takes', async () => {
  await insertReplay(db, replay);
  await beginRelease(db, 't', 'ep_release', 1);
  isAway = true;
  for (let tries = 0; tries < 3; tries += 1) {
    expect(await toldAfter(10)).toEqual([]);
    expect(await toldAfter(6)).toEqual(['ep_release', 'ep_replay']);
  }
  isAway = false;
  expect(await toldAfter(16)).toEqual(['ep_release', 'ep_replay']);
  expect(await toldAfter(50)).toEqual([]);
});
