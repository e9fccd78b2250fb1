import * as fc from 'fast-check';

/** Texts that programs stumble over. */
const oddTexts = [
  '',
  '\u0000',
  '\n"level":"error"\n',
  '\u001b[31m',
  '\ud800',
  '\udfff\ud800',
  '\u2028\u2029',
  '\u0085\u009b',
  '😀'.repeat(50),
  '../../etc',
  '/',
  '~1~0',
  '$(AWS_ROLE_ARN)',
  'x'.repeat(300),
  '__proto__',
  'constructor',
  '9007199254740993',
] as const;

export const oddText: fc.Arbitrary<string> = fc.constantFrom(...oddTexts);

const key: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', '0', '4294967295', 'name', 'spec'),
  oddText,
  fc.string({ maxLength: 4 }),
);

/** Any JSON value, with keys such as `__proto__` and integer-like ones. */
export const oddJson: fc.Arbitrary<unknown> = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, -0, 1e300, 2 ** 53),
    oddText,
    fc.array(tie('value'), { maxLength: 3 }),
    // Entries, since a literal with the key __proto__ would set the prototype.
    fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }).map(entries => Object.fromEntries(entries)),
  ),
})).value;

/** The right value in most cases, else null or anything. A review holds dozens, so wrong ones have to be rare. */
export function mostly<T>(right: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 98, arbitrary: right },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: oddJson },
  );
}

/** One of the values, the first of them in most cases. */
export function usually<T>(first: T, ...others: readonly T[]): fc.Arbitrary<T> {
  const rare = others.map(value => ({ weight: 1, arbitrary: fc.constant(value) }));
  return fc.oneof({ weight: 8 * others.length, arbitrary: fc.constant(first) }, ...rare);
}

/** An object each of whose fields is left out now and then (JSON has no `undefined`). */
export function fields(shape: { [name: string]: fc.Arbitrary<unknown> }): fc.Arbitrary<{ [name: string]: unknown }> {
  const optional = Object.entries(shape).map(([name, value]) => [name, fc.option(value, { nil: undefined, freq: 9 })]);
  return fc.record(Object.fromEntries(optional));
}
