/**
 * Go's durations as `time.ParseDuration` reads them: a sign, then numbers with units, as in `1h2m3.5s`, `100ms` or `0`.
 * https://pkg.go.dev/time#ParseDuration
 */
const nanosecondsPerUnit: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  // Both letters that look like a micro sign: U+00B5 and U+03BC.
  ['\u00b5s', 1_000n],
  ['\u03bcs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

const duration = /^(?<sign>[+-]?)(?:0|(?<pieces>(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+))$/u;
const piece = /(?<whole>\d*)\.?(?<fraction>\d*)(?<unit>ns|us|\u00b5s|\u03bcs|ms|s|m|h)/gu;

/** A duration is an int64 of nanoseconds, about 292 years. */
const maxNanoseconds = 2n ** 63n - 1n;
/** No duration that somebody meant is longer; it bounds the size of the numbers below. */
const maxCharacters = 160;
const nanosecondsPerMillisecond = 1e6;

/** The duration in milliseconds, to the nanosecond; undefined where Go reports an error. */
export function parseGoDuration(text: string): number | undefined {
  if (text.length > maxCharacters) return undefined;
  const groups = duration.exec(text)?.groups;
  if (groups === undefined) return undefined;
  let nanoseconds = 0n;
  for (const match of (groups['pieces'] ?? '').matchAll(piece)) nanoseconds += pieceNanoseconds(match.groups ?? {});
  if (nanoseconds > maxNanoseconds) return undefined;
  const milliseconds = Number(nanoseconds) / nanosecondsPerMillisecond;
  return groups['sign'] === '-' ? 0 - milliseconds : milliseconds;
}

function pieceNanoseconds(groups: { readonly [name: string]: string | undefined }): bigint {
  const unit = nanosecondsPerUnit.get(groups['unit'] ?? '') ?? 0n;
  const fraction = groups['fraction'] ?? '';
  return BigInt(groups['whole'] ?? '') * unit + (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length);
}

const millisecondsPerHour = 3_600_000;
const millisecondsPerMinute = 60_000;

/** The duration as a person writes it and Go reads it: `10s`, `2m30s`, `100ms`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds !== 0 && milliseconds < 1000) return `${milliseconds}ms`;
  const hours = Math.floor(milliseconds / millisecondsPerHour);
  const minutes = Math.floor((milliseconds % millisecondsPerHour) / millisecondsPerMinute);
  const seconds = (milliseconds % millisecondsPerMinute) / 1000;
  const text = `${hours > 0 ? `${hours}h` : ''}${minutes > 0 ? `${minutes}m` : ''}`;
  return seconds > 0 || text === '' ? `${text}${seconds}s` : text;
}
