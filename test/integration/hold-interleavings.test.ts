/**
 * What is held, and what is not, whatever comes between: endpoints that are disabled, enabled and deleted while events
 * are published by processes that have not heard of it, and attempts are under way. The statements of a Posthorn, all at
 * once on a real Postgres.
 */
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../src/dispatch/job.ts';
import type { Endpoint } from '../../src/domain.ts';
import { newId } from '../../src/ids.ts';
import { loadProfiles } from '../../src/profiles/index.ts';
import { claimDeliveries } from '../../src/store/claim-deliveries.ts';
import { waitingEndpoints } from '../../src/store/waiting-endpoints.ts';
import { cancelDeliveries } from '../../src/store/delivery-state.ts';
import { createEndpointStore, type EndpointStore } from '../../src/store/endpoints.ts';
import { holdDeliveries } from '../../src/store/hold-deliveries.ts';
import { insertDeliveries } from '../../src/store/insert-deliveries.ts';
import { insertEvents, type NewDelivery, type NewEvent } from '../../src/store/insert-events.ts';
import { createPool } from '../../src/store/pool.ts';
import { registerProcess } from '../../src/store/processes.ts';
import { recordAttempts } from '../../src/store/record-attempts.ts';
import { releaseWronglyHeld } from '../../src/store/release-held.ts';
import { stepRelease } from '../../src/store/releases.ts';
import { createSeal } from '../../src/store/seal.ts';
import { attemptRecord } from '../support/attempt-record.ts';
import { createDatabase } from '../support/posthorn.ts';
import { until } from '../support/until.ts';

const TENANT = 't';

let db: pg.Pool;
let endpoints: EndpointStore;
let processId: number;
beforeAll(async () => {
  db = createPool(await createDatabase(), 8);
  endpoints = createEndpointStore(db, createSeal([]), loadProfiles(null));
  processId = await registerProcess(db, 'worker');
  await db.query(`INSERT INTO tenants (id) VALUES ('${TENANT}')`);
});
afterAll(() => db.end());

async function newEndpoint(enabled = true): Promise<Endpoint> {
  const columns = { url: 'http://x.test', profile: 'standard', events: ['*'], environments: ['production'] };
  const rest = { method: 'POST', headers: '{}', enabled };
  return (await endpoints.insert(TENANT, newId('ep'), { ...columns, ...rest }))!;
}

const setEnabled = ({ id }: Endpoint, enabled: boolean) => endpoints.update(TENANT, id, () => ({ enabled }));

function newEvent(deliveries: NewDelivery[]): NewEvent {
  const uid = newId('evt');
  const createdAt = new Date();
  const event = { id: uid, tenantId: TENANT, type: 'a.b', data: '{}', environment: 'production' as const };
  return {
    ...{ uid, createdAt, deliveries, event: { ...event, timestamp: createdAt } },
    ...{ idempotencyKey: null, requestHash: null, claimedBy: processId },
  };
}

/** As a process does that believes the endpoint to be enabled, or not. */
async function publish({ id: endpointId }: Endpoint, status: 'pending' | 'held'): Promise<string> {
  const id = newId('dlv');
  const delivery = { id, endpointId, trigger: 'schedule' as const, status, claimed: false };
  await insertEvents(db, [newEvent([delivery])]);
  return id;
}

/** Of endpoints that are looked for as the claimer does. */
async function claim(limit: number): Promise<Job[]> {
  const waiting = await waitingEndpoints(db, { afterId: '', since: null, limit: 100 });
  const orders = waiting.flatMap(({ endpointId }) => [
    { endpointId, status: 'pending' as const, count: limit },
    { endpointId, status: 'retrying' as const, count: limit },
  ]);
  return (await claimDeliveries(db, { processId, orders, maxBytes: 1 << 20 })).jobs;
}

type Seen = 'enabled' | 'disabled' | 'deleted';

/** What becomes of an attempt whose process believes that of its endpoint. */
async function attempt(job: Job, seen: Seen, succeeds: boolean): Promise<void> {
  if (seen === 'disabled') await holdDeliveries(db, [job.deliveryId]);
  else if (seen === 'deleted') await cancelDeliveries(db, [job.deliveryId]);
  else {
    const verdict = succeeds ? 'succeeded' : 'retrying';
    await recordAttempts(db, [attemptRecord(job.deliveryId, verdict, job.number)]);
    // Claimed again from the table, as after its workflow was lost.
    await db.query('UPDATE deliveries SET claimed_by = NULL WHERE id = $1', [job.deliveryId]);
  }
}

async function truth(endpoint: Endpoint): Promise<Seen> {
  const now = await endpoints.find(TENANT, endpoint.id);
  return now === null ? 'deleted' : now.enabled ? 'enabled' : 'disabled';
}

async function releaseAll(endpoint: Endpoint): Promise<void> {
  await until(
    () => stepRelease(db, TENANT, endpoint.id),
    ({ isOver }) => isOver,
  );
  const now = await endpoints.find(TENANT, endpoint.id);
  expect(now?.release ?? null).toBe(null);
}

async function statuses(ids: string[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string; status: string }>(
    'SELECT id, status FROM deliveries WHERE id = ANY ($1)',
    [ids],
  );
  return ids.map((id) => rows.find((row) => row.id === id)?.status ?? 'lost');
}

type Step =
  | { do: 'disable' | 'enable' | 'enableSlowly' | 'discard' | 'release' | 'delete' | 'claim' }
  | { do: 'publish'; as: 'pending' | 'held' }
  | { do: 'attempt'; seen: 'enabled' | 'disabled'; succeeds: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<Step>({ do: 'disable' }, { do: 'enable' }, { do: 'claim' }) },
  { weight: 3, arbitrary: fc.constantFrom<Step>({ do: 'enableSlowly' }, { do: 'release' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'discard' }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('publish' as const), as: fc.constantFrom('pending', 'held') }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('attempt' as const),
      seen: fc.constantFrom('enabled', 'disabled'),
      succeeds: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'delete' }) },
);

describe('a delivery', () => {
  it('is held on no enabled endpoint, open on no deleted one, and never lost, whatever happens at once', async () => {
    const story = fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { minLength: 3, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(story, async (rounds) => {
        const endpoint = await newEndpoint();
        const published: string[] = [];
        const underWay: Job[] = [];
        const take = async (one: Step): Promise<unknown> => {
          switch (one.do) {
            case 'disable':
              return setEnabled(endpoint, false);
            case 'enable':
              return setEnabled(endpoint, true);
            case 'enableSlowly':
              return endpoints.enable(TENANT, endpoint.id, { held: 'deliver', perSecond: 1_000 });
            case 'discard':
              return endpoints.enable(TENANT, endpoint.id, { held: 'discard' });
            case 'release':
              return stepRelease(db, TENANT, endpoint.id);
            case 'delete':
              return endpoints.remove(TENANT, endpoint.id);
            case 'publish':
              return published.push(await publish(endpoint, one.as));
            case 'claim':
              return underWay.push(...(await claim(3)));
            case 'attempt': {
              const job = underWay.shift();
              return job && attempt(job, one.seen, one.succeeds);
            }
          }
        };
        for (const round of rounds) await Promise.all(round.map(take));

        const end = await truth(endpoint);
        const wasDiscarded = rounds.flat().some((one) => one.do === 'discard');
        // A workflow does that, and the sweep sees to it that there is one.
        await releaseAll(endpoint);
        if (end !== 'disabled') expect(await statuses(published)).not.toContain('held');
        // Everybody has heard of it by now: what is open goes on.
        for (let jobs = [...underWay, ...(await claim(100))]; jobs.length > 0; jobs = await claim(100)) {
          for (const job of jobs) await attempt(job, end, true);
        }
        const allowed = {
          enabled: ['succeeded', ...(wasDiscarded ? ['cancelled'] : [])],
          disabled: ['held', 'succeeded', ...(wasDiscarded ? ['cancelled'] : [])],
          deleted: ['cancelled', 'succeeded'],
        };
        for (const status of await statuses(published)) expect(allowed[end]).toContain(status);
      }),
      { numRuns: 150 },
    );
  });

  it('that is to be held while its endpoint is being enabled waits for that, and goes on', async () => {
    const endpoint = await newEndpoint(false);
    const id = await publish(endpoint, 'pending');
    const other = await db.connect();
    await other.query('BEGIN');
    await other.query('UPDATE endpoints SET enabled = true WHERE id = $1', [endpoint.id]);
    const held = holdDeliveries(db, [id]);
    await isBlocked('UPDATE deliveries d');
    await other.query('COMMIT');
    other.release();
    expect(await held).toEqual([id]);
    expect(await statuses([id])).toEqual(['pending']);
  });

  it('that is just being held is released by whoever enables its endpoint meanwhile', async () => {
    const endpoint = await newEndpoint(false);
    const id = await publish(endpoint, 'pending');
    const other = await db.connect();
    await other.query('BEGIN');
    expect(await holdDeliveries(other, [id])).toEqual([]);
    const enabled = setEnabled(endpoint, true);
    await isBlocked('FROM endpoints');
    await other.query('COMMIT');
    other.release();
    await enabled;
    expect(await statuses([id])).toEqual(['pending']);
  });

  it('that comes while what was before it is released at a rate is held, and released after it', async () => {
    const endpoint = await newEndpoint(false);
    const ids = [await publish(endpoint, 'held'), await publish(endpoint, 'held')];
    await endpoints.enable(TENANT, endpoint.id, { held: 'deliver', perSecond: 0.01 });
    ids.push(await publish(endpoint, 'held'));
    expect(await statuses(ids)).toEqual(['held', 'held', 'held']);
    await db.query(`UPDATE releases SET per_second = 1, paced_at = now() - interval '1 minute'`);
    const released = await stepRelease(db, TENANT, endpoint.id);
    expect(released).toMatchObject({ isOver: false, moved: 1 });
    expect(await statuses(ids)).toEqual(['pending', 'held', 'held']);
    await db.query(`UPDATE releases SET per_second = 1000, paced_at = now() - interval '1 minute'`);
    expect(await stepRelease(db, TENANT, endpoint.id)).toMatchObject({ isOver: true, moved: 2, released: 3 });
    expect(await endpoints.find(TENANT, endpoint.id)).toMatchObject({ enabled: true, release: null });
    expect(await statuses([...ids, await publish(endpoint, 'held')])).not.toContain('held');
  });

  it('that is just being held keeps a release from ending, and is released by it', async () => {
    const endpoint = await newEndpoint(false);
    await publish(endpoint, 'held');
    await endpoints.enable(TENANT, endpoint.id, { held: 'deliver', perSecond: 1_000 });
    await db.query(`UPDATE releases SET paced_at = now() - interval '1 minute'`);
    const other = await db.connect();
    await other.query('BEGIN');
    const id = newId('dlv');
    const planned = { endpointId: endpoint.id, trigger: 'schedule', status: 'held', claimed: false } as const;
    await insertEvents(other, [newEvent([{ id, ...planned }])]);
    const stepped = stepRelease(db, TENANT, endpoint.id);
    await isBlocked('SELECT FROM endpoints');
    await other.query('COMMIT');
    other.release();
    expect(await stepped).toMatchObject({ isOver: false, moved: 1 });
    await releaseAll(endpoint);
    expect(await statuses([id])).toEqual(['pending']);
  });

  it('stays held when its endpoint is switched off during a release, and PATCH leaves one alone that goes on', async () => {
    const endpoint = await newEndpoint(false);
    const id = await publish(endpoint, 'held');
    await endpoints.enable(TENANT, endpoint.id, { held: 'deliver', perSecond: 0.01 });
    await setEnabled(endpoint, true);
    expect(await statuses([id])).toEqual(['held']);
    await setEnabled(endpoint, false);
    expect(await stepRelease(db, TENANT, endpoint.id)).toMatchObject({ isOver: true, moved: 0 });
    expect(await statuses([id])).toEqual(['held']);
    await setEnabled(endpoint, true);
    expect(await statuses([id])).toEqual(['pending']);
  });

  it('that is published as held while its endpoint is being enabled waits for a worker, and holds up nobody', async () => {
    const endpoint = await newEndpoint(false);
    const other = await db.connect();
    await other.query('BEGIN');
    await other.query('UPDATE endpoints SET enabled = true WHERE id = $1', [endpoint.id]);
    const id = await publish(endpoint, 'held');
    await other.query('COMMIT');
    other.release();
    expect(await statuses([id])).toEqual(['pending']);
  });
});

describe('a large fan-out', () => {
  it('is held where endpoints are disabled, and nowhere else', async () => {
    const to = [await newEndpoint(), await newEndpoint(false), await newEndpoint(false)];
    await endpoints.remove(TENANT, to[2]!.id);
    const planned = to.map(({ id: endpointId }) => ({
      ...{
        id: newId('dlv'),
        endpointId,
        trigger: 'schedule' as const,
        status: 'held' as const,
        claimed: false,
      },
    }));
    await insertDeliveries(db, newEvent([]), planned);
    expect(await statuses(planned.map(({ id }) => id))).toEqual(['pending', 'held', 'pending']);
  });
});

describe('the sweep', () => {
  it('releases what is held on endpoints that are enabled or gone, and nothing else', async () => {
    const [on, off, gone] = [await newEndpoint(), await newEndpoint(false), await newEndpoint(false)];
    await endpoints.remove(TENANT, gone.id);
    const ids = await Promise.all([on, off, gone].map((endpoint) => publish(endpoint, 'pending')));
    await db.query(`UPDATE deliveries SET status = 'held' WHERE id = ANY ($1)`, [ids]);
    expect(await releaseWronglyHeld(db, '')).toEqual({ count: 2, next: null });
    expect(await statuses(ids)).toEqual(['pending', 'held', 'pending']);
    expect(await releaseWronglyHeld(db, '')).toEqual({ count: 0, next: null });
  });

  it('leaves alone what a release owns, and releases what it lost', async () => {
    const endpoint = await newEndpoint(false);
    const id = await publish(endpoint, 'held');
    await endpoints.enable(TENANT, endpoint.id, { held: 'deliver', perSecond: 0.01 });
    expect(await releaseWronglyHeld(db, '')).toEqual({ count: 0, next: null });
    await db.query('DELETE FROM releases');
    expect(await releaseWronglyHeld(db, '')).toEqual({ count: 1, next: null });
    expect(await statuses([id])).toEqual(['pending']);
  });
});

async function isBlocked(statement: string): Promise<void> {
  await until(
    () =>
      db.query(
        `SELECT FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock' AND position($1 IN query) > 0`,
        [statement],
      ),
    ({ rowCount }) => rowCount === 1,
  );
}
