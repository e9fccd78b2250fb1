import { describe, expect, test } from 'vitest';
import {
  findLeafDue,
  renewalTime,
  type Leaf,
  type LeafSituation,
} from '../../../src/certificates/self-managed/serving-leaf.ts';
import { leafValidity } from '../../../src/certificates/self-managed/authority.ts';
import { authority, dayMs, endMs, hourMs, leafDurationMs, madeMs } from './authorities.ts';

const current = authority('current');
const old = authority('old');

/** A leaf that was signed at this time, without jitter. */
function leaf(signedMs: number, issuer = current): Leaf {
  const validity = leafValidity(signedMs, leafDurationMs, issuer);
  const serving = { certificate: '', key: '', notAfterMs: validity.notAfterMs, fingerprint: 'leaf' };
  return { serving, validity, issuer, renewAtMs: renewalTime(validity, signedMs, 0) };
}

const renewMs = madeMs + (leafDurationMs * 2) / 3;
const leafEndMs = madeMs + leafDurationMs;

const rows: readonly (Partial<LeafSituation> & { readonly name: string; readonly expected: string })[] = [
  { name: 'there is none', leaf: undefined, expected: 'missing' },
  { name: 'there is none, and the authority has expired', leaf: undefined, nowMs: endMs, expected: 'none' },
  { name: 'it is new', expected: 'none' },
  { name: 'a third of its life is JUST more than left', nowMs: renewMs - 1, expected: 'none' },
  { name: 'a third of its life is JUST left', nowMs: renewMs, expected: 'nearing_end' },
  { name: 'it is JUST valid', nowMs: leafEndMs - 1, expected: 'nearing_end' },
  { name: 'it has JUST expired, as after a pause of days (fault 22)', nowMs: leafEndMs, expected: 'expired' },
  { name: 'the clock is JUST one hour behind (fault 22)', nowMs: madeMs - hourMs, expected: 'none' },
  {
    name: 'the clock is JUST more than one hour behind (fault 22)',
    nowMs: madeMs - hourMs - 1,
    expected: 'not_yet_valid',
  },
  { name: 'another authority signs that has not settled', leaf: leaf(madeMs, old), expected: 'none' },
  {
    name: 'another authority signs that has settled (fault 8)',
    leaf: leaf(madeMs, old),
    settled: new Set(['current']),
    expected: 'issuer_replaced',
  },
  {
    name: 'another authority signs that has not settled, JUST before the end',
    leaf: leaf(madeMs, old),
    nowMs: leafEndMs - 1,
    expected: 'none',
  },
  {
    name: 'another authority signs that has not settled, JUST at the end',
    leaf: leaf(madeMs, old),
    nowMs: leafEndMs,
    expected: 'expired',
  },
  {
    name: 'it ends with its authority, so that a new one would not live longer',
    leaf: leaf(endMs - dayMs),
    nowMs: endMs - 1,
    expected: 'none',
  },
];

describe('findLeafDue()', () => {
  test.each(rows)('finds what is due when $name', ({ name: _name, expected, ...situation }) => {
    const fresh = {
      leaf: leaf(madeMs),
      current,
      settled: new Set<string>(),
      durationMs: leafDurationMs,
      nowMs: madeMs,
    };
    expect(findLeafDue({ ...fresh, ...situation })).toBe(expected);
  });
});

test.each([
  { random: 0, expectedMs: (leafDurationMs * 2) / 3 },
  { random: 1, expectedMs: (leafDurationMs * 2) / 3 - leafDurationMs / 20 },
])(
  'renewalTime() is when a third is left, up to a twentieth of the life earlier: by random $random',
  ({ random, expectedMs }) => {
    const validity = leafValidity(madeMs, leafDurationMs, current);
    expect(renewalTime(validity, madeMs, random)).toBeCloseTo(madeMs + expectedMs, 0);
  },
);
