/**
 * Go's rules for the booleans and integers that people write into annotations, documents and flags, so that a value means here
 * what it means to the AWS webhook. Values of annotations are trimmed (E55, E124), because Go would ignore such a value.
 */

const goTrue: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const goFalse: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** `strconv.ParseBool` of the trimmed text; undefined where Go reports an error. */
export function parseGoBool(text: string): boolean | undefined {
  const trimmed = text.trim();
  if (goTrue.has(trimmed)) return true;
  return goFalse.has(trimmed) ? false : undefined;
}

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;
/** An int64 has at most 19 digits; more than this many leading zeros is noise that need not be converted. */
const maxDigits = 64;

/** `strconv.ParseInt(text, 10, 64)` of the trimmed text, exact beyond 2^53; undefined where Go reports an error (E123, E124). */
export function parseGoInt64(text: string): bigint | undefined {
  const match = /^[+-]?[0-9]+$/.exec(text.trim());
  if (match === null || match[0].length > maxDigits) return undefined;
  const value = BigInt(match[0].startsWith('+') ? match[0].slice(1) : match[0]);
  return isInt64(value) ? value : undefined;
}

/**
 * Go's integer literals as `strconv.ParseInt(text, 0, 64)` reads them, which is how pflag reads an int: a sign, a base
 * prefix (`0x`, `0o`, `0`, `0b`) and underscores between digits. https://pkg.go.dev/strconv#ParseInt
 */
const literal =
  /^(?<sign>[+-]?)(?<digits>0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/;

/** An int64 has 64 binary digits, so anything much longer is not a number that somebody meant. */
const maxCharacters = 160;

/** The integer, exact beyond 2^53; undefined where Go reports an error. */
export function parseGoInteger(text: string): bigint | undefined {
  if (text.length > maxCharacters) return undefined;
  const groups = literal.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const digits = (groups['digits'] ?? '').replaceAll('_', '');
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const value = groups['sign'] === '-' ? -magnitude : magnitude;
  return isInt64(value) ? value : undefined;
}

function isInt64(value: bigint): boolean {
  return minInt64 <= value && value <= maxInt64;
}
