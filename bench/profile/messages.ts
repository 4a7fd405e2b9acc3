/** What the benchmark and the hook inside Posthorn say to each other. */

export interface ProfileRequest {
  profile: 'start' | 'stop';
  /** Where each thread writes its profile when it stops. */
  dir: string;
}

export interface Collections {
  count: number;
  totalMs: number;
  maxMs: number;
}

/** Of the main thread, which serves requests and makes attempts. */
export interface MainThread {
  loopDelayMs: { p50: number; p99: number; max: number };
  /** Kind of garbage collection → how often, how long. */
  garbage: Record<string, Collections>;
}

export interface ProfileAnswer {
  profiled: true;
  mainThread: MainThread;
}
