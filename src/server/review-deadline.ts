const defaultTimeoutMs = 10_000; // timeoutSeconds of a webhook that sets none
const maxTimeoutMs = 30_000; // the longest timeoutSeconds that the API server accepts
// Our answer has to be written, sent and decoded before the API server gives up, and it began to count when it dialled.
const marginMs = 500;

const unitMs: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/**
 * How long a review may wait for something, in milliseconds: what is left of the `timeout` query parameter (a Go
 * duration, such as `10s`) after `elapsedMs`, less a margin. Never negative.
 */
export function waitMsFor(timeout: unknown, elapsedMs: number): number {
  const timeoutMs = parseTimeoutMs(timeout) ?? defaultTimeoutMs;
  const limitedMs = Math.min(timeoutMs, maxTimeoutMs);
  return Math.max(0, limitedMs - Math.min(marginMs, limitedMs / 2) - elapsedMs);
}

const maxTimeoutLength = 32; // the API server sends at most `30s`
const goDuration = /^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/;

/** Milliseconds of a positive Go duration (https://pkg.go.dev/time#ParseDuration), else undefined. */
function parseTimeoutMs(timeout: unknown): number | undefined {
  if (typeof timeout !== 'string' || timeout.length > maxTimeoutLength || !goDuration.test(timeout)) return undefined;
  let sumMs = 0;
  for (const [, amount, unit = ''] of timeout.matchAll(/([\d.]+)([a-zµ]+)/g)) {
    sumMs += Number(amount) * (unitMs.get(unit) ?? Number.NaN);
  }
  return sumMs > 0 ? sumMs : undefined;
}
