import { createBatcher } from '../batcher.ts';
import type { Outcome } from '../outcome.ts';
import {
  claimAttempts,
  releaseAttempts,
  type AttemptClaimRequest,
  type ClaimedAttempt,
} from '../store/claim-attempts.ts';
import type { Queryable } from '../store/pool.ts';
import type { Membership } from './membership.ts';

/** Which attempts this process makes for workflows, as the other processes see it. */
export interface AttemptClaims {
  /** Null: there is no such delivery. Rejects when Postgres cannot be asked; nothing stays claimed then. */
  claim(request: AttemptClaimRequest): Promise<ClaimedAttempt | null>;
  /** Gives a claim back unless the attempt was made: what was made is released by its record. */
  releaseUnlessMade(request: AttemptClaimRequest, outcome: Promise<Outcome>): void;
}

export interface AttemptClaimsDeps {
  db: Queryable;
  membership: Pick<Membership, 'id' | 'certain'>;
}

/** Postgres sorts the ids of a group anew for each of them: of 64 a claim costs it 0.12 ms, of 200 0.21, of 500 0.48. */
const MAX_GROUP = 64;
const TRY_RELEASE_AGAIN_MS = 1_000;

type Step = { kind: 'claim' | 'release'; request: AttemptClaimRequest };

export function createAttemptClaims({ db, membership }: AttemptClaimsDeps): AttemptClaims {
  /** By delivery: what is claimed here. The request itself tells an earlier claim from a later one. */
  const claimed = new Map<string, AttemptClaimRequest>();
  const batcher = createBatcher<Step, ClaimedAttempt | null>({
    maxItems: MAX_GROUP,
    // One at a time: a claim must not be overtaken by the release of an earlier one of its delivery.
    concurrency: 1,
    keys: ({ request }) => [request.deliveryId],
    run: runGroup,
  });

  async function runGroup(steps: Step[]): Promise<(ClaimedAttempt | null)[]> {
    await membership.certain();
    const processId = membership.id!;
    const requests = (kind: Step['kind']) => steps.filter((s) => s.kind === kind).map((s) => s.request);
    const releases = requests('release').filter(({ deliveryId }) => !claimed.has(deliveryId));
    const claims = requests('claim');
    if (releases.length > 0) await releaseAttempts(db, processId, releases);
    const found = claims.length > 0 ? await claimAttempts(db, processId, claims) : new Map();
    for (const request of claims) {
      const one = found.get(request.deliveryId) as ClaimedAttempt | undefined;
      // Disowned in the meantime, under that number it has claimed nothing.
      if (one?.mine && membership.id !== processId) one.mine = false;
      if (one?.mine) claimed.set(request.deliveryId, request);
    }
    return steps.map(({ kind, request }) =>
      kind === 'claim' ? ((found.get(request.deliveryId) as ClaimedAttempt | undefined) ?? null) : null,
    );
  }

  /** For as long as it takes: another process would wait for this attempt while this one lives. */
  function release(request: AttemptClaimRequest): void {
    batcher
      .submit({ kind: 'release', request })
      .catch(() => setTimeout(() => release(request), TRY_RELEASE_AGAIN_MS).unref());
  }

  return {
    async claim(request) {
      try {
        return await batcher.submit({ kind: 'claim', request });
      } catch (error) {
        // The answer may have been lost, and not the claim.
        release(request);
        throw error;
      }
    },
    releaseUnlessMade(request, outcome) {
      const end = (made: boolean) => {
        if (claimed.get(request.deliveryId) !== request) return;
        claimed.delete(request.deliveryId);
        if (!made) release(request);
      };
      outcome.then(
        ({ kind }) => end(kind === 'attempt'),
        () => end(false),
      );
    },
  };
}
