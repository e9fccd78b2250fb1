import { describe, expect, test } from 'vitest';
import { cleanPath } from '../../src/go/path.ts';

/** Each row was checked against Go's `path.Clean`. */
const rows: readonly (readonly [given: string, expected: string])[] = [
  ['', '.'],
  ['.', '.'],
  ['./', '.'],
  ['/', '/'],
  ['//', '/'],
  ['///a', '/a'],
  ['a', 'a'],
  ['a/', 'a'],
  ['a/b/c', 'a/b/c'],
  ['a//b//c', 'a/b/c'],
  ['/a/b/', '/a/b'],
  ['/a/./b/.', '/a/b'],
  ['./a', 'a'],
  ['a/..', '.'],
  ['a/b/..', 'a'],
  ['a/../b', 'b'],
  ['/a/..', '/'],
  ['/..', '/'],
  ['/../..//a', '/a'],
  ['..', '..'],
  ['../', '..'],
  ['../..', '../..'],
  ['../../a', '../../a'],
  ['../a/..', '..'],
  ['a/../..', '..'],
  ['a/../../b', '../b'],
  ['...', '...'],
  ['/a/...', '/a/...'],
  ['/a/.../b', '/a/.../b'],
  ['/a/ /b', '/a/ /b'],
  ['/a\\b/..', '/'],
  ['C:\\var\\', 'C:\\var\\'],
  ['/var/run/secrets/eks.amazonaws.com/serviceaccount/', '/var/run/secrets/eks.amazonaws.com/serviceaccount'],
  ['/var//run/./secrets/x/../eks.amazonaws.com', '/var/run/secrets/eks.amazonaws.com'],
  ['/ä/../ü', '/ü'],
];

describe('cleanPath()', () => {
  test.each(rows)('gives for %j the path that Go gives (E102, E134)', (given, expected) => {
    expect(cleanPath(given)).toBe(expected);
  });

  test.each(rows)('changes nothing more when %j is cleaned twice', given => {
    expect(cleanPath(cleanPath(given))).toBe(cleanPath(given));
  });

  test('takes time linear in the number of segments', () => {
    expect(cleanPath(`/${'a/../'.repeat(200_000)}b`)).toBe('/b');
  });
});
