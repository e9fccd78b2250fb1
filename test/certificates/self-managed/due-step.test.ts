import { describe, expect, test } from 'vitest';
import {
  findDueStep,
  restoreDelayMs,
  type DueStep,
  type Situation,
} from '../../../src/certificates/self-managed/due-step.ts';
import type { AuthorityState } from '../../../src/certificates/self-managed/authority.ts';
import {
  authority,
  dayMs,
  endMs,
  hourMs,
  leafDurationMs,
  madeMs,
  nearingEndMs,
  retiring,
  stateOf,
} from './authorities.ts';

const current = authority('current');
const next = authority('next', nearingEndMs);
const other = authority('other');

interface Row extends Partial<Situation> {
  readonly name: string;
  readonly state?: AuthorityState;
  readonly expected: object;
}

function due({ name: _name, state, expected: _expected, ...situation }: Row): DueStep {
  return findDueStep({
    finding: state === undefined ? { kind: 'missing' } : { kind: 'state', state },
    missingForMs: 0,
    memory: undefined,
    issuer: undefined,
    published: [],
    settled: new Set(),
    nowMs: madeMs,
    ...situation,
  });
}

const none = { kind: 'none' };

const lost: readonly Row[] = [
  { name: 'nobody has begun', expected: { kind: 'begin', reason: 'secret_missing', known: [] } },
  {
    name: 'the Secret is empty, as a chart creates it',
    finding: { kind: 'empty' },
    expected: { kind: 'begin', reason: 'secret_empty' },
  },
  {
    name: 'the Secret is garbage',
    finding: { kind: 'damaged', detail: 'garbage' },
    expected: { kind: 'begin', reason: 'secret_damaged' },
  },
  {
    name: 'the Secret has been missing for JUST less than the delay, and its content is remembered (fault 9)',
    memory: stateOf(current),
    missingForMs: restoreDelayMs - 1,
    expected: none,
  },
  {
    name: 'the Secret has been missing for JUST the delay, and its content is remembered (fault 9)',
    memory: stateOf(current),
    missingForMs: restoreDelayMs,
    expected: { kind: 'restore', reason: 'secret_missing', state: stateOf(current) },
  },
  {
    name: 'the Secret is empty, and its content is remembered',
    finding: { kind: 'empty' },
    memory: stateOf(current),
    expected: { kind: 'restore', reason: 'secret_empty' },
  },
  {
    name: 'the Secret is garbage, and its content is remembered',
    finding: { kind: 'damaged', detail: 'garbage' },
    memory: stateOf(current),
    expected: { kind: 'restore', reason: 'secret_damaged' },
  },
  {
    name: 'what is remembered is JUST valid',
    finding: { kind: 'empty' },
    memory: stateOf(current),
    nowMs: endMs - 1,
    expected: { kind: 'restore' },
  },
  {
    name: 'what is remembered has JUST expired',
    finding: { kind: 'empty' },
    memory: stateOf(current),
    nowMs: endMs,
    expected: { kind: 'begin', reason: 'secret_empty' },
  },
  {
    name: 'what is remembered has expired but for the next authority',
    finding: { kind: 'empty' },
    memory: stateOf(current, { next }),
    nowMs: endMs,
    expected: { kind: 'restore' },
  },
  {
    name: 'what is remembered has expired, and something else is still served by',
    finding: { kind: 'empty' },
    memory: stateOf(current),
    issuer: next,
    nowMs: endMs,
    expected: { kind: 'begin', known: [next] },
  },
];

const currentOnes: readonly Row[] = [
  { name: 'the authority is new', state: stateOf(current), expected: none },
  {
    name: 'two thirds of its life are JUST not over',
    state: stateOf(current),
    nowMs: nearingEndMs - 1,
    expected: none,
  },
  {
    name: 'two thirds of its life are JUST over',
    state: stateOf(current),
    nowMs: nearingEndMs,
    expected: { kind: 'add_next', reason: 'current_nearing_end' },
  },
  {
    name: 'it is JUST valid and there is no next one',
    state: stateOf(current),
    nowMs: endMs - 1,
    expected: { kind: 'add_next' },
  },
  {
    name: 'it has JUST expired and there is no next one',
    state: stateOf(current, { previous: [retiring(other, endMs + dayMs)] }),
    nowMs: endMs,
    expected: { kind: 'begin', reason: 'current_expired', known: [] },
  },
  {
    name: 'it is from a clock that is JUST one hour ahead (fault 22)',
    state: stateOf(current),
    nowMs: madeMs - hourMs,
    expected: none,
  },
  {
    name: 'it is from a clock that is JUST more than one hour ahead (fault 22)',
    state: stateOf(current),
    nowMs: madeMs - hourMs - 1,
    expected: { kind: 'begin', reason: 'current_not_yet_valid', known: [current] },
  },
];

const rotating = stateOf(current, { next });

const nextOnes: readonly Row[] = [
  {
    name: 'the next authority has not settled',
    state: rotating,
    settled: new Set(['current']),
    nowMs: nearingEndMs,
    expected: none,
  },
  {
    name: 'the next authority has settled (fault 8)',
    state: rotating,
    settled: new Set(['current', 'next']),
    nowMs: nearingEndMs,
    expected: { kind: 'promote_next', reason: 'next_settled', next },
  },
  {
    name: 'the next authority has settled and is JUST not valid yet',
    state: rotating,
    settled: new Set(['next']),
    nowMs: nearingEndMs - hourMs - 1,
    expected: none,
  },
  {
    name: 'the next authority has settled and is JUST valid',
    state: rotating,
    settled: new Set(['next']),
    nowMs: nearingEndMs - hourMs,
    expected: { kind: 'promote_next' },
  },
  {
    name: 'the current one has JUST not expired and the next has not settled',
    state: rotating,
    nowMs: endMs - 1,
    expected: none,
  },
  {
    name: 'the current one has JUST expired and the next has not settled',
    state: rotating,
    nowMs: endMs,
    expected: { kind: 'promote_next', reason: 'current_expired', next },
  },
  {
    name: 'the next one has expired, the current one is still good',
    state: stateOf(current, { next: authority('stale', madeMs - 365 * dayMs) }),
    expected: none,
  },
  {
    name: 'the next one has expired and another is due',
    state: stateOf(current, { next: authority('stale', madeMs - 365 * dayMs) }),
    nowMs: nearingEndMs,
    expected: { kind: 'add_next' },
  },
];

const issuers: readonly Row[] = [
  { name: 'our certificate is by the current one', state: rotating, issuer: current, expected: none },
  { name: 'our certificate is by the next one', state: rotating, issuer: next, expected: none },
  {
    name: 'our certificate is by a previous one',
    state: stateOf(current, { previous: [retiring(other, madeMs + 1)] }),
    issuer: other,
    expected: none,
  },
  {
    name: 'our certificate is by one that is unknown',
    state: rotating,
    issuer: other,
    expected: { kind: 'keep', reason: 'issuer_not_in_secret', kept: [other] },
  },
  {
    name: 'our certificate is by one that is unknown, before any other step',
    state: rotating,
    issuer: authority('late', nearingEndMs),
    settled: new Set(['next']),
    nowMs: nearingEndMs,
    expected: { kind: 'keep' },
  },
  {
    name: 'our certificate is by one that is unknown and has expired',
    state: stateOf(next),
    issuer: other,
    nowMs: endMs,
    expected: none,
  },
];

const foreign = { ...other, isOurs: false };

const publishedOnes: readonly Row[] = [
  { name: 'everything published is known', state: rotating, published: [next, current], expected: none },
  {
    name: 'an authority of ours is published that is unknown',
    state: rotating,
    published: [current, other],
    expected: { kind: 'keep', reason: 'published_not_in_secret', kept: [other] },
  },
  { name: 'a foreign authority is published', state: rotating, published: [current, foreign], expected: none },
  {
    name: 'an authority of ours is published that is JUST valid',
    state: stateOf(next),
    published: [other],
    nowMs: endMs - 1,
    expected: { kind: 'keep' },
  },
  {
    name: 'an authority of ours is published that has JUST expired',
    state: stateOf(next),
    published: [other],
    nowMs: endMs,
    expected: none,
  },
];

const retireMs = nearingEndMs + leafDurationMs;
const retired = stateOf(next, { previous: [retiring(current, retireMs)] });

const previousOnes: readonly Row[] = [
  { name: 'its time is JUST not over', state: retired, nowMs: retireMs - 1, expected: none },
  {
    name: 'its time is JUST over',
    state: retired,
    nowMs: retireMs,
    expected: { kind: 'drop_retired', reason: 'retired', remaining: stateOf(next) },
  },
  {
    name: 'its time is over, and it has signed the certificate that we still serve with',
    state: retired,
    issuer: current,
    nowMs: retireMs,
    expected: { kind: 'keep', reason: 'issuer_not_in_secret', kept: [current] },
  },
  {
    name: 'it has expired before its time, although our certificate is of it',
    state: stateOf(next, { previous: [retiring(current, endMs + 10 * dayMs)] }),
    issuer: current,
    nowMs: endMs,
    expected: { kind: 'drop_retired' },
  },
  {
    name: 'its time is over, and it is still published',
    state: retired,
    published: [next, current],
    nowMs: retireMs,
    expected: none,
  },
  {
    name: 'its time is over, and it is not known what is published',
    state: retired,
    published: undefined,
    nowMs: retireMs,
    expected: none,
  },
  {
    name: 'one of two has to go',
    state: stateOf(next, { previous: [retiring(current, retireMs + 1), retiring(other, retireMs)] }),
    nowMs: retireMs,
    expected: { kind: 'drop_retired', remaining: { previous: [retiring(current, retireMs + 1)] } },
  },
];

describe('findDueStep()', () => {
  test.each(lost)('finds, where there is no authority in the Secret, what is due when $name', row => {
    expect(due(row)).toMatchObject(row.expected);
  });

  test.each(currentOnes)('finds for the current authority what is due when $name', row => {
    expect(due(row)).toMatchObject(row.expected);
  });

  test.each(nextOnes)('finds for the next authority what is due when $name', row => {
    expect(due(row)).toMatchObject(row.expected);
  });

  test.each(issuers)('finds for the issuer of our certificate what is due when $name', row => {
    expect(due(row)).toMatchObject(row.expected);
  });

  test.each(publishedOnes)('finds for the published bundle what is due when $name', row => {
    expect(due(row)).toMatchObject(row.expected);
  });

  test.each(previousOnes)('finds for a previous authority what is due when $name', row => {
    expect(due(row)).toMatchObject(row.expected);
  });
});
