/** Bounds of a back-off in milliseconds. */
export interface BackoffBounds {
  /** No retry comes earlier than this: jitter from zero would now and then retry at once. */
  readonly floorMs: number;
  /** No retry comes later than this. */
  readonly ceilingMs: number;
}

/**
 * How long to wait after the given number of failures in a row (1 for the first): random between the floor and a
 * ceiling that doubles with each failure (full jitter, so that replicas do not return in step).
 */
export function backoffMs(failures: number, bounds: BackoffBounds, random: () => number): number {
  const { floorMs, ceilingMs } = bounds;
  const ceiling = Math.min(ceilingMs, floorMs * 2 ** failures);
  return floorMs + random() * (ceiling - floorMs);
}
