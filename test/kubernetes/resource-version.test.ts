import { expect, test } from 'vitest';
import { isNewerVersion, newerVersion } from '../../src/kubernetes/watched-resource.ts';

test.each([
  { version: '2', than: '1', expected: true },
  { version: '1', than: '2', expected: false },
  { version: '10', than: '9', expected: true },
  { version: '9', than: '10', expected: false },
  { version: '7', than: '7', expected: false },
  { version: '1', than: '', expected: true },
  { version: '', than: '', expected: false },
  // Beyond 2^53, where numbers would be equal.
  { version: '9007199254740993', than: '9007199254740992', expected: true },
  { version: '9'.repeat(39), than: '8'.repeat(39), expected: true },
  // What is no number is no order: as old as none.
  ...['zzzz', '-1', '1.5', '1e9', ' 2', '007', '9'.repeat(40), '9'.repeat(100_000)].flatMap(version => [
    { version, than: '1', expected: false },
    { version, than: '', expected: false },
    { version: '1', than: version, expected: true },
    { version: '', than: version, expected: false },
  ]),
])('isNewerVersion() is $expected for $version and $than', ({ version, than, expected }) => {
  expect(isNewerVersion(version, than)).toBe(expected);
});

test('newerVersion() gives the newer of two, in any order', () => {
  expect(newerVersion('9', '10')).toBe('10');
  expect(newerVersion('10', '9')).toBe('10');
  expect(newerVersion('zzzz', '9')).toBe('9');
  expect(newerVersion('9', 'zzzz')).toBe('9');
});
