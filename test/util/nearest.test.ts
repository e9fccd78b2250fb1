import { describe, expect, test } from 'vitest';
import { nearest } from '../../src/util/nearest.ts';

const candidates = ['token-expiration', 'token-audience', 'port', 'v', 'in-cluster'];

describe('nearest()', () => {
  test.each([
    ['token-expiration', 'token-expiration'],
    ['token-expiraton', 'token-expiration'],
    ['token-xpirations', 'token-expiration'],
    ['tokn-audence', 'token-audience'],
    ['TOKEN_AUDIENCE', 'token-audience'],
    ['prot', undefined],
    ['ports', 'port'],
    ['V', 'v'],
    ['x', undefined],
    ['', undefined],
    ['kubeconfig', undefined],
    ['__proto__', undefined],
  ])('suggests for %j %s', (name, expected) => {
    expect(nearest(name, candidates)).toBe(expected);
  });

  test('suggests nothing for a name that is far too long', () => {
    expect(nearest('x'.repeat(1_000_000), candidates)).toBeUndefined();
  });

  test('prefers the first of two that are equally near', () => {
    expect(nearest('abcx', ['abcd', 'abce'])).toBe('abcd');
  });
});
