import { describe, expect, test } from 'vitest';
import { lockedPackages } from '../../scripts/docs/licences.ts';

/** What may be in the image: permissive, with no more to do than to name the authors. */
const shipped: readonly string[] = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'PSF-2.0',
  'Unlicense',
];

/** What builds and tests is not given to anybody, so a licence that binds changes of its own files is no matter. */
const tools: readonly string[] = [
  ...shipped,
  'BlueOak-1.0.0',
  'CC0-1.0',
  'MPL-2.0',
  '(MIT AND Zlib)',
  '(MIT OR GPL-3.0-or-later)',
];

function offList(isShipped: boolean, allowed: readonly string[]): readonly string[] {
  return lockedPackages()
    .filter(found => found.isShipped === isShipped && !allowed.includes(found.licence))
    .map(({ name, version, licence }) => `${name} ${version}: ${licence}`);
}

describe('The licences of the packages', () => {
  test('that irsa may load are on the list', () => {
    expect(lockedPackages().filter(({ isShipped }) => isShipped).length).toBeGreaterThan(50);
    expect(offList(true, shipped)).toEqual([]);
  });

  test('that only build and test are on theirs', () => {
    expect(offList(false, tools)).toEqual([]);
  });
});
