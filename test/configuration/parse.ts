import { expect } from 'vitest';
import { parseServeArguments, type ServeArguments } from '../../src/configuration/parse-serve-arguments.ts';

type Outcome<K extends ServeArguments['kind']> = Extract<ServeArguments, { kind: K }>;
type Variables = Readonly<Record<string, string>>;

/** The one default with which nobody can serve. */
const notInCluster = '--in-cluster=false';

/** Settings for these arguments; fails the test when there are problems. */
export function settingsFor(argv: readonly string[], environment: Variables = {}): Outcome<'settings'> {
  return expectKind(parseServeArguments([notInCluster, ...argv], environment), 'settings');
}

/** All problems with these arguments; fails the test when there are none. */
export function problemsOf(argv: readonly string[], environment: Variables = {}): readonly string[] {
  return expectKind(parseServeArguments([notInCluster, ...argv], environment), 'problems').problems;
}

/** Fails the test when the outcome is of another kind. */
export function expectKind<K extends ServeArguments['kind']>(outcome: ServeArguments, kind: K): Outcome<K> {
  expect(outcome).toMatchObject({ kind });
  return outcome as Outcome<K>;
}
