import { parseGoDuration } from '../go/duration.ts';

const defaultTimeoutMs = 10_000; // timeoutSeconds of a webhook that sets none
const maxTimeoutMs = 30_000; // the longest timeoutSeconds that the API server accepts
// Our answer has to be written, sent and decoded before the API server gives up, and it began to count when it dialled.
const marginMs = 500;

/**
 * How long a review may wait for something, in milliseconds: what is left of the `timeout` query parameter (a Go
 * duration, such as `10s`) after `elapsedMs`, less a margin. Never negative.
 */
export function waitMsFor(timeout: unknown, elapsedMs: number): number {
  const timeoutMs = parseTimeoutMs(timeout) ?? defaultTimeoutMs;
  const limitedMs = Math.min(timeoutMs, maxTimeoutMs);
  return Math.max(0, limitedMs - Math.min(marginMs, limitedMs / 2) - elapsedMs);
}

const maxTimeoutLength = 32;

/** Milliseconds of a positive Go duration, else undefined. */
function parseTimeoutMs(timeout: unknown): number | undefined {
  if (typeof timeout !== 'string' || timeout.length > maxTimeoutLength) return undefined;
  const timeoutMs = wholeSecondsMs(timeout) ?? parseGoDuration(timeout);
  return timeoutMs !== undefined && timeoutMs > 0 ? timeoutMs : undefined;
}

/** What the API server sends, always; read apart because the general form takes 1 % of a review's time. */
function wholeSecondsMs(timeout: string): number | undefined {
  const seconds = /^(\d{1,2})s$/.exec(timeout)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}

/**
 * How many objects, lists, members and entries a review may have. Parsing takes about 0.2 µs for each, so that 3 MiB of
 * nothing else would block all other reviews for 0.3 s and take 150 MB. An object of 3 MiB, which is the most that the API
 * server takes, has one for every 7 bytes at most (457,000): variables with their field managers are the densest that is
 * real.
 */
export const maxReviewParts = 500_000;

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const comma = 0x2c;
const openingBrace = 0x7b;
/** `[` differs from `{`, and `]` from `}`, in this bit only. */
const braceBit = 0x20;

/** True when JSON has more parts than that, seen by brackets, colons and commas outside of strings; takes 2 ms for a MiB. */
export function hasTooManyParts(json: Uint8Array, maxParts: number = maxReviewParts): boolean {
  let parts = 0;
  let isInString = false;
  for (let index = 0; index < json.length; index += 1) {
    const byte = json[index] ?? 0;
    if (byte === quote) isInString = !isInString;
    else if (isInString) index += byte === backslash ? 1 : 0;
    else if (byte === colon || byte === comma || (byte | braceBit) === openingBrace) parts += 1;
  }
  return parts > maxParts;
}
