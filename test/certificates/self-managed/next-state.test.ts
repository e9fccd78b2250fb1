import { describe, expect, test } from 'vitest';
import { type AuthorityState, includes, trustedBy } from '../../../src/certificates/self-managed/authority.ts';
import { nextState, type ChangingStep } from '../../../src/certificates/self-managed/authority-agreement.ts';
import { authority, authorityDurationMs, endMs, leafDurationMs, madeMs, retiring, stateOf } from './authorities.ts';

const current = authority('current');
const next = authority('next');
const made = authority('made');
const published = authority('published');
const expired = authority('expired', madeMs - authorityDurationMs);
const retireAfterMs = madeMs + leafDurationMs;

const rows: readonly { readonly name: string; readonly step: ChangingStep; readonly expected: AuthorityState }[] = [
  {
    name: 'begins with a new authority, and keeps what clients trust now',
    step: { kind: 'begin', reason: 'secret_missing', known: [] },
    expected: stateOf(made, { previous: [retiring(published, retireAfterMs)] }),
  },
  {
    name: 'begins, and keeps each authority once, none that has expired',
    step: { kind: 'begin', reason: 'current_not_yet_valid', known: [current, expired, published, current] },
    expected: stateOf(made, { previous: [retiring(current, retireAfterMs), retiring(published, retireAfterMs)] }),
  },
  {
    name: 'restores what was known, and keeps what clients trust beyond it',
    step: { kind: 'restore', reason: 'secret_missing', state: stateOf(current, { next }) },
    expected: stateOf(current, { next, previous: [retiring(published, retireAfterMs)] }),
  },
  {
    name: 'restores what was known as it was when clients trust nothing else',
    step: { kind: 'restore', reason: 'secret_empty', state: stateOf(published) },
    expected: stateOf(published),
  },
  {
    name: 'adds a next authority',
    step: { kind: 'add_next', reason: 'current_nearing_end', state: stateOf(current) },
    expected: stateOf(current, { next: made }),
  },
  {
    name: 'promotes the next authority, and trusts the old one for one leaf lifetime',
    step: { kind: 'promote_next', reason: 'next_settled', state: stateOf(current, { next }), next },
    expected: stateOf(next, { previous: [retiring(current, retireAfterMs)] }),
  },
  {
    name: 'keeps the issuer of a certificate that is in use',
    step: { kind: 'keep', reason: 'issuer_not_in_secret', state: stateOf(current, { next }), kept: [made] },
    expected: stateOf(current, { next, previous: [retiring(made, retireAfterMs)] }),
  },
  {
    name: 'keeps for another leaf lifetime what was to be retired',
    step: {
      kind: 'keep',
      reason: 'issuer_not_in_secret',
      state: stateOf(next, { previous: [retiring(made, 0), retiring(current, madeMs)] }),
      kept: [current, next],
    },
    expected: stateOf(next, { previous: [retiring(current, retireAfterMs), retiring(made, 0)] }),
  },
  {
    name: 'drops what is retired',
    step: { kind: 'drop_retired', reason: 'retired', remaining: stateOf(current) },
    expected: stateOf(current),
  },
];

describe('nextState()', () => {
  test.each(rows)('$name', async ({ step, expected }) => {
    const makeAuthority = (): Promise<typeof made> => Promise.resolve(made);
    const state = await nextState(step, {
      published: [published, expired],
      leafDurationMs,
      nowMs: madeMs,
      makeAuthority,
    });
    expect(state).toEqual(expected);
  });

  test('keeps no more than eight previous authorities, the newest', async () => {
    const previous = Array.from({ length: 8 }, (_, index) => retiring(authority(`p${index}`), retireAfterMs));
    const step = {
      kind: 'keep',
      reason: 'issuer_not_in_secret',
      state: stateOf(current, { previous }),
      kept: [next],
    } as const;
    const makeAuthority = (): Promise<typeof made> => Promise.resolve(made);
    const state = await nextState(step, { published: [], leafDurationMs, nowMs: madeMs, makeAuthority });
    expect(state.previous.map(({ fingerprint }) => fingerprint)).toEqual([
      'next',
      'p0',
      'p1',
      'p2',
      'p3',
      'p4',
      'p5',
      'p6',
    ]);
  });
});

describe('trustedBy()', () => {
  const state = stateOf(current, {
    next,
    previous: [retiring(current, endMs), retiring(made, endMs), retiring(expired, endMs)],
  });

  test('gives every authority that has not expired, each once', () => {
    expect(trustedBy(state, madeMs).map(({ fingerprint }) => fingerprint)).toEqual(['current', 'next', 'made']);
  });

  test.each([
    { nowMs: endMs - 1, expected: ['current'] },
    { nowMs: endMs, expected: [] },
  ])('gives $expected JUST before or at the end: $nowMs', ({ nowMs, expected }) => {
    expect(trustedBy(stateOf(current), nowMs).map(({ fingerprint }) => fingerprint)).toEqual(expected);
  });

  test.each([
    { nowMs: madeMs - 1, expected: ['next', 'current'] },
    { nowMs: madeMs, expected: ['next'] },
  ])('gives $expected JUST before or when one is retired: $nowMs', ({ nowMs, expected }) => {
    const retired = stateOf(next, { previous: [retiring(current, madeMs)] });
    expect(trustedBy(retired, nowMs).map(({ fingerprint }) => fingerprint)).toEqual(expected);
  });

  test('is what includes() knows, expired or not', () => {
    expect([current, next, made, expired, published].map(known => includes(state, known))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });
});
