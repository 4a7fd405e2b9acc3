/** Whether a request for a replay was heard before: by its key, and by what it meant. */
import { createHash } from 'node:crypto';
import { Problem } from '../problem.ts';
import type { Queryable } from '../store/pool.ts';
import { findReplayByKey, type Replay, type ReplayRepeat } from '../store/replays.ts';
import type { ReplayRequest } from './replays.ts';

/** `statuses`: as they will be looked for, so that it makes no difference whether the usual ones were said. */
export function repeatOf(key: string, request: ReplayRequest, statuses: readonly string[]): ReplayRepeat {
  const { endpointId, kind, since, until, eventTypes, perSecond } = request;
  const meant = [endpointId, kind, since, until, statuses.toSorted(), eventTypes?.toSorted(), perSecond];
  return { key, hash: createHash('sha256').update(JSON.stringify(meant)).digest('hex') };
}

/** The replay that the first request with this key began, as it is now. Throws a Problem when that was another request. */
export async function findBegun(
  db: Queryable,
  tenantId: string,
  { key, hash }: ReplayRepeat,
): Promise<Replay | null> {
  const found = await findReplayByKey(db, tenantId, key);
  if (!found) return null;
  if (found.requestHash !== hash) throw Problem.reusedKey(key, `replay ${found.replay.id}`);
  return found.replay;
}
