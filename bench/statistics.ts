/** Nearest-rank percentile (`share` in 0…1) of values in ascending order; null when there are none. */
export function percentile(sorted: ArrayLike<number>, share: number): number | null {
  if (sorted.length === 0) return null;
  const rank = Math.ceil(share * sorted.length);
  return sorted[Math.min(Math.max(rank, 1), sorted.length) - 1]!;
}

export interface Spread {
  count: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
}

export function spread(values: Iterable<number>): Spread {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => rounded(percentile(sorted, share));
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

/** Slope of the least-squares line through the points; 0 when they have no extent in x. */
export function slope(points: readonly { x: number; y: number }[]): number {
  const mean = (pick: (point: { x: number; y: number }) => number) =>
    points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [meanX, meanY] = [mean((point) => point.x), mean((point) => point.y)];
  const across = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  const extent = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return extent === 0 ? 0 : across / extent;
}

/** To two decimals: enough for reading, and it keeps the result files small. */
export function rounded<T extends number | null>(value: T): T {
  return (value === null ? null : Math.round(value * 100) / 100) as T;
}
