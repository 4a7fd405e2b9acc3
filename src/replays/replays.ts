import { writeAudit, type AuditAction } from '../store/audit.ts';
import type { Logger } from 'pino';
import { newId } from '../ids.ts';
import type { DeliveryStatus } from '../lifecycle.ts';
import { Problem, type FieldError } from '../problem.ts';
import type { EndpointStore } from '../store/endpoints.ts';
import { everHadEndpoint } from '../store/ever-had-endpoint.ts';
import type { Pool, Queryable } from '../store/pool.ts';
import { transaction } from '../store/transaction.ts';
import { beginningOf, countSendable, findSources } from '../store/replay-sources.ts';
import {
  findReplay,
  insertReplay,
  moveReplay,
  replayAtWork,
  type Replay,
  type ReplayFilter,
  type ReplayKind,
  type ReplayStatus,
} from '../store/replays.ts';
import { findBegun, repeatOf } from './repeats.ts';
import type { ReplayWorkflows } from '../temporal/long-work.ts';

/** As a caller asks for it. */
export interface ReplayRequest {
  endpointId: string;
  kind: ReplayKind;
  since: Date;
  until: Date | null;
  statuses: DeliveryStatus[] | null;
  eventTypes: string[] | null;
  perSecond: number | null;
}

/** What a replay would make. */
export interface DryRun {
  filter: ReplayFilter;
  total: number;
  skipped: number;
  /** Whether all was looked at in the time that an answer may take. */
  isComplete: boolean;
}

/** What people ask of replays. Throws Problems that say what stands against it. */
export interface Replays {
  /** With a key: once, however often it is asked for. */
  begin(tenantId: string, request: ReplayRequest, idempotencyKey: string | null): Promise<Replay>;
  dryRun(tenantId: string, request: ReplayRequest): Promise<DryRun>;
  pause(tenantId: string, id: string): Promise<Replay>;
  resume(tenantId: string, id: string): Promise<Replay>;
  /** Makes nothing more, and cancels what it made and has not ended. */
  cancel(tenantId: string, id: string): Promise<Replay>;
}

export interface ReplaysDeps {
  db: Pool;
  /** For what may take long. */
  listDb: Queryable;
  endpointStore: Pick<EndpointStore, 'find'>;
  workflows: ReplayWorkflows;
  log: Logger;
}

/** Which deliveries are repeated, where the caller does not say it, and which he may name. */
const STATUSES = {
  failed: { usual: ['failed'], allowed: ['failed', 'cancelled'] },
  all: { usual: ['succeeded', 'failed', 'cancelled'], allowed: ['succeeded', 'failed', 'cancelled'] },
  missing: { usual: [], allowed: [] },
} as const satisfies Record<ReplayKind, Record<'usual' | 'allowed', readonly DeliveryStatus[]>>;

const MOVES: Partial<Record<ReplayStatus, AuditAction>> = {
  paused: 'replay.paused',
  running: 'replay.resumed',
  cancelled: 'replay.cancelled',
};

/** An answer comes after so long, whatever is left to be counted. */
const DRY_RUN_MS = 4_000;

export function createReplays({ db, listDb, endpointStore, workflows, log }: ReplaysDeps): Replays {
  async function check(
    tenantId: string,
    request: ReplayRequest,
  ): Promise<{ filter: ReplayFilter; enabled: boolean }> {
    const filter = filterOf(tenantId, request);
    const endpoint = await endpointStore.find(tenantId, request.endpointId);
    if (endpoint) return { filter, enabled: endpoint.enabled };
    const path = 'endpoint_id';
    if (await everHadEndpoint(db, tenantId, request.endpointId)) {
      const message = `endpoint "${request.endpointId}" was deleted`;
      throw new Problem('endpoint_deleted', `${path}: ${message}`, [{ path, message }]);
    }
    throw Problem.field(path, `there is no endpoint "${request.endpointId}" here, and there was none`);
  }

  async function tell(replay: Replay): Promise<void> {
    await workflows.wakeReplay(replay).catch((error: unknown) => {
      log.warn({ err: error, replayId: replay.id }, 'a replay goes on when Temporal is back');
    });
  }

  /** Makes a change, and its entry in the audit log with it. */
  function audited(
    action: AuditAction,
    change: (tx: Queryable) => Promise<Replay | null>,
  ): Promise<Replay | null> {
    return transaction(db, async (tx) => {
      const changed = await change(tx);
      if (!changed) return null;
      const { tenantId, id, endpointId } = changed;
      await writeAudit(tx, [{ tenantId, action, subjectId: id, after: { endpoint_id: endpointId } }]);
      return changed;
    });
  }

  async function move(
    tenantId: string,
    id: string,
    from: readonly ReplayStatus[],
    to: ReplayStatus,
    refusal: (status: ReplayStatus) => string,
  ): Promise<Replay> {
    const reason = to === 'cancelled' ? 'asked' : null;
    const moved = await audited(MOVES[to]!, (tx) => moveReplay(tx, { tenantId, id }, from, to, reason));
    if (moved) {
      await tell(moved);
      return moved;
    }
    const present = await findReplay(db, tenantId, id);
    if (!present) throw Problem.notFound('replay', id);
    if (present.status === to) return present;
    throw new Problem('replay_ended', refusal(present.status));
  }

  return {
    async begin(tenantId, request, idempotencyKey) {
      const repeat = idempotencyKey === null ? null : repeatOf(idempotencyKey, request, statusesOf(request));
      const before = repeat && (await findBegun(db, tenantId, repeat));
      if (before) {
        // The process that began it may have ended before it had woken anybody.
        if (before.status === 'running') await tell(before);
        return before;
      }
      const { filter, enabled } = await check(tenantId, request);
      if (!enabled) throw new Problem('endpoint_disabled', 'Enable the endpoint before you replay to it.');
      const replay = {
        ...filter,
        id: newId('rpl'),
        perSecond: request.perSecond,
        position: beginningOf(filter),
      };
      const begun = await audited('replay.begun', (tx) => insertReplay(tx, replay, repeat));
      if (!begun) {
        const beside = repeat && (await findBegun(db, tenantId, repeat));
        if (beside) return beside;
        throw await running(tenantId, request.endpointId);
      }
      await tell(begun);
      return begun;
    },

    async dryRun(tenantId, request) {
      const { filter } = await check(tenantId, request);
      const untilMs = performance.now() + DRY_RUN_MS;
      const found = { filter, total: 0, skipped: 0, isComplete: false };
      for (let after = beginningOf(filter); performance.now() < untilMs && !found.isComplete;) {
        const { sources, to, isLast } = await findSources(listDb, { ...filter, id: '' }, after);
        const uids = sources.map(({ eventUid }) => eventUid);
        const sendable = await countSendable(listDb, tenantId, uids);
        found.total += sendable;
        found.skipped += uids.length - sendable;
        found.isComplete = isLast;
        after = to;
      }
      return found;
    },

    pause: (tenantId, id) =>
      move(tenantId, id, ['running'], 'paused', (status) => `It is ${status}: it makes nothing any more.`),
    resume: (tenantId, id) =>
      move(tenantId, id, ['paused'], 'running', (status) => `It is ${status}: there is nothing to resume.`),
    cancel: (tenantId, id) =>
      move(
        tenantId,
        id,
        ['running', 'paused', 'finishing'],
        'cancelled',
        (status) => `It is ${status} already.`,
      ),
  };

  async function running(tenantId: string, endpointId: string): Promise<Problem> {
    const present = await replayAtWork(db, tenantId, endpointId);
    if (!present) return Problem.unavailable('Another replay to this endpoint has just ended; try again.', 1);
    const { id, status } = present;
    const detail = `Replay "${id}" to this endpoint is ${status}: cancel it, or wait for its end.`;
    return new Problem('replay_running', detail, [
      { path: 'endpoint_id', message: `has replay "${id}" already` },
    ]);
  }
}

/** Throws a Problem that names each field with which it makes no sense. */
function filterOf(tenantId: string, request: ReplayRequest): ReplayFilter {
  const { endpointId, kind, since, statuses, eventTypes } = request;
  const now = new Date();
  const until = request.until ?? now;
  const errors: FieldError[] = [];
  if (since > now) errors.push({ path: 'since', message: 'is in the future' });
  if (until > now)
    errors.push({ path: 'until', message: 'is in the future: leave it out for everything so far' });
  if (until <= since && errors.length === 0)
    errors.push({ path: 'until', message: 'must be later than since' });
  const allowed: readonly DeliveryStatus[] = STATUSES[kind].allowed;
  if (statuses && !statuses.every((status) => allowed.includes(status))) {
    const which = allowed.length === 0 ? 'goes with none' : `may name ${allowed.join(', ')}`;
    errors.push({ path: 'statuses', message: `with kind "${kind}" it ${which}` });
  }
  if (errors.length > 0) throw Problem.invalid(errors);
  return { tenantId, endpointId, kind, since, until, statuses: statusesOf(request), eventTypes };
}

const statusesOf = ({ statuses, kind }: ReplayRequest): DeliveryStatus[] => [
  ...new Set<DeliveryStatus>(statuses ?? STATUSES[kind].usual),
];
