import type { MemoryUse } from './process-usage.ts';
import { percentile, type Samples } from './statistics.ts';

/** Where load is sent, and whose cost is looked at meanwhile. */
export interface Target {
  /** What it is called in tables and progress lines. */
  readonly name: string;
  readonly url: URL;
  readonly pid: number;
}

/** What one measurement found. */
export interface Load {
  readonly reviewsPerSecond: number;
  /** Answers other than the right one, and requests without an answer: what it was -> how often. */
  readonly failures: Failures;
  /** User and system time of the webhook's process for one review; undefined where the system does not tell. */
  readonly cpuMicroseconds: number | undefined;
  /** Part of one core that the webhook used, and that this process used to make the load; 1 is all of it. */
  readonly webhookCore: number | undefined;
  readonly clientCore: number;
  /** What all other programs on this machine used meanwhile, in cores. */
  readonly othersCores: number;
  readonly latencyMs: Latency;
  /** While the connections of the load were still open. */
  readonly memory: MemoryUse | undefined;
}

/** For example `HTTP 503` or `ECONNRESET`. */
export type Failures = { readonly [cause: string]: number };

export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
}

/** How the API server sends a review, besides `Host` and `Content-Length`. */
export const reviewHeaders = {
  'content-type': 'application/json',
  accept: 'application/json, */*',
  'accept-encoding': 'gzip',
  'user-agent': 'kube-apiserver-admission',
} as const;

/** The URL with the time-out that the API server tells: ten seconds is the default. */
export function reviewUrl({ url }: Target): URL {
  const withTimeout = new URL(url);
  withTimeout.searchParams.set('timeout', '10s');
  return withTimeout;
}

/** Counts what went wrong. */
export class FailureCounter {
  readonly #counts = new Map<string, number>();

  add(cause: string, count = 1): void {
    this.#counts.set(cause, (this.#counts.get(cause) ?? 0) + count);
  }

  counts(): Failures {
    return Object.fromEntries(this.#counts);
  }
}

/** How many there were, whatever it was. */
export function countFailures(failures: Failures): number {
  return Object.values(failures).reduce((sum, count) => sum + count, 0);
}

/** The code of a failed connection, else the error's message. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.message;
}

export function latencyOf(samples: Samples): Latency {
  const sorted = samples.sorted();
  return {
    p50: percentile(sorted, 50),
    p90: percentile(sorted, 90),
    p99: percentile(sorted, 99),
    p999: percentile(sorted, 99.9),
  };
}
