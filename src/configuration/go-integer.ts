/**
 * Go's integer literals as `strconv.ParseInt(text, 0, 64)` reads them, which is how pflag reads an int: a sign, a base
 * prefix (`0x`, `0o`, `0`, `0b`) and underscores between digits. https://pkg.go.dev/strconv#ParseInt
 */
const literal =
  /^(?<sign>[+-]?)(?<digits>0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/;

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;
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
  return value < minInt64 || value > maxInt64 ? undefined : value;
}
