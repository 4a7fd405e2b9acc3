import type { Logger } from 'pino';
import type { Queryable } from '../store/pool.ts';
import { releaseWronglyHeld } from '../store/release-held.ts';

export interface ReleasePassDeps {
  db: Queryable;
  /** Deliveries wait to be claimed. */
  onReleased(): void;
  log: Logger;
}

/**
 * A pass of the sweep: releases what is held although its endpoint is enabled or gone, some endpoints at a time. That is
 * left over when a process ends while it releases or cancels many.
 */
export function createReleasePass({ db, onReleased, log }: ReleasePassDeps): () => Promise<void> {
  let afterId = '';
  return async () => {
    const { count, next } = await releaseWronglyHeld(db, afterId);
    afterId = next ?? '';
    if (count === 0) return;
    log.warn({ deliveries: count }, 'released what was held although its endpoint is not paused');
    onReleased();
  };
}
