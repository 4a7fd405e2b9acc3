/**
 * What was read last, unless its end is too long ago; whoever asks meanwhile waits for the same. One at a time, however long
 * it takes: where Postgres is slow, those who look again and again must not take all connections for it.
 */
export function atMostEvery<T>(ms: number, read: () => Promise<T>): () => Promise<T> {
  let last: Promise<T> | null = null;
  /** Null: it is being read. */
  let readAtMs: number | null = null;
  return () => {
    if (last && (readAtMs === null || performance.now() - readAtMs < ms)) return last;
    readAtMs = null;
    last = read().finally(() => (readAtMs = performance.now()));
    // A fault is told to those who wait for it, and is nobody else's.
    last.catch(() => (last = null));
    return last;
  };
}
