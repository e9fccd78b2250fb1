export interface RateLimitOptions {
  /** At most one pass per key in this time. */
  readonly intervalMs: number;
  /** So many keys are remembered, the oldest forgotten first: keys can come from clients. */
  readonly maxKeys: number;
  /** Milliseconds of any clock. */
  readonly now: () => number;
}

export interface RateLimit {
  /** The number of times this key was held back since it last passed, when it passes; undefined when it does not. */
  pass(key: string): number | undefined;
}

/** Lets each key pass at most once in an interval. */
export function createRateLimit({ intervalMs, maxKeys, now }: RateLimitOptions): RateLimit {
  const seen = new Map<string, { readonly passedMs: number; heldBack: number }>();
  return {
    pass(key) {
      const nowMs = now();
      const last = seen.get(key);
      if (last !== undefined && nowMs - last.passedMs < intervalMs) {
        last.heldBack += 1;
        return undefined;
      }
      seen.delete(key); // and so it becomes the youngest
      seen.set(key, { passedMs: nowMs, heldBack: 0 });
      forgetOldest(seen, maxKeys);
      return last?.heldBack ?? 0;
    },
  };
}

function forgetOldest(seen: Map<string, unknown>, maxKeys: number): void {
  if (seen.size <= maxKeys) return;
  for (const key of seen.keys()) {
    seen.delete(key);
    return;
  }
}
