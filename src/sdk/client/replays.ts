import type { CallOptions, Calls, KeyedOptions, Query } from './call.ts';
import { pause } from './http.ts';
import { newKey } from './key.ts';
import type { Replay, ReplayDryRun, ReplayInput } from './types.ts';

export interface WaitOptions extends CallOptions {
  /** How often to ask, by default every 2 s. */
  pollSeconds?: number;
  /** Called with each answer: `done` of `total`. */
  onProgress?: (replay: Replay) => void;
}

/** Sends events to an endpoint again. */
export function replayCalls({ call, list }: Calls) {
  /** With `dry_run`, it is only counted what it would be; else it begins once, however often it has to be asked for. */
  function create(replay: ReplayInput & { dry_run: true }, options?: CallOptions): Promise<ReplayDryRun>;
  function create(replay: ReplayInput & { dry_run?: false }, options?: KeyedOptions): Promise<Replay>;
  function create(replay: ReplayInput, options?: KeyedOptions): Promise<Replay | ReplayDryRun>;
  function create(replay: ReplayInput, options: KeyedOptions = {}): Promise<Replay | ReplayDryRun> {
    const repeated =
      replay.dry_run === true
        ? { isRepeatable: true }
        : { idempotencyKey: options.idempotencyKey ?? newKey() };
    return call('createReplay', { body: replay, ...repeated }, options);
  }

  const get = (id: string, options?: CallOptions) => call('getReplay', { path: { id } }, options);

  return {
    create,
    get,
    /** Newest first. */
    list: (query?: Query<'listReplays'>, options?: CallOptions) => list('listReplays', query, options),
    pause: (id: string, options?: CallOptions) => call('pauseReplay', { path: { id } }, options),
    resume: (id: string, options?: CallOptions) => call('resumeReplay', { path: { id } }, options),
    cancel: (id: string, options?: CallOptions) => call('cancelReplay', { path: { id } }, options),
    /**
     * Until it is `completed` or `cancelled`, that is, until the last of its deliveries has ended, which may take days where
     * they are retried. `signal` ends the waiting, not the replay.
     */
    async wait(id: string, { pollSeconds = 2, onProgress, ...options }: WaitOptions = {}): Promise<Replay> {
      for (;;) {
        const replay = await get(id, options);
        onProgress?.(replay);
        if (replay.status === 'completed' || replay.status === 'cancelled') return replay;
        await pause(pollSeconds * 1000, options.signal);
      }
    },
  };
}
