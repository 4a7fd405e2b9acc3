/** What Posthorn's memory, pauses and CPU were measured with. Both must be known before Node starts. */

/**
 * New objects get 8 MiB: by default V8 lets that grow to 64 MiB where objects live as long as a delivery does, which
 * brings no throughput, 110 MiB more of resident memory, and collections of 10 to 40 ms in the place of 1 to 5. With
 * 4 MiB, fan-outs lose an eighth to collections. The old ones are collected when half as much again has come to them, not several times as much.
 *
 * The third: code is translated with the greatest effort after 20,000 calls instead of 3,000. That took a fifth of the CPU of a process's
 * first ten thousand deliveries, beside them, and what waits for it runs as fast for the time being.
 *
 * The fourth: one thread beside the main one marks what lives and translates code, not four. Every six seconds those held up the main
 * thread on two cores, for a tenth of a second: of 24 pauses above 8 ms in twenty seconds at 500/s 7 were left.
 *
 * The last: V8 puts into the old space at once what it has seen survive, and here everything survives a collection that comes
 * while it is under way. What is put there lives as briefly as before, keeps alive whatever it points to, and fills it.
 */
export const NODE_FLAGS = [
  '--max-semi-space-size=8',
  '--heap-growing-percent=50',
  '--invocation-count-for-turbofan=20000',
  '--v8-pool-size=1',
  '--no-allocation-site-pretenuring',
];

/** Each of some thirty threads would otherwise get a share of memory of its own to allocate from, and keep it (glibc). */
export const ALLOCATOR_SETTINGS = { MALLOC_ARENA_MAX: '2' };

/** V8 takes `--a_b` for `--a-b`, and `--no-a` or `--noa` for the opposite of `--a`; NODE_OPTIONS takes quotes. */
const nameOf = (flag: string) =>
  flag
    .replaceAll('"', '')
    .split('=')[0]!
    .replaceAll('_', '-')
    .replace(/^--no-?/, '--');

/** The flags still missing from a process that was started with these arguments and NODE_OPTIONS; set by hand, one stays as it is. */
export function missingFlags(execArgv: readonly string[], nodeOptions = ''): string[] {
  const given = new Set([...execArgv, ...nodeOptions.split(/\s+/)].map(nameOf));
  return NODE_FLAGS.filter((flag) => !given.has(nameOf(flag)));
}
