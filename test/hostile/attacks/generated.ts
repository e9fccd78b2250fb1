import { array, constantFrom, constant, integer, oneof, record, sample, type Arbitrary } from 'fast-check';
import type { Attack } from '../support/attack-program.ts';
import type { Reading } from './connection.ts';
import { largestBodyBytes, type Framing, type ReviewBody } from './framing.ts';
import type { ReviewsAttack } from './reviews.ts';

/** So many ways at once, which share the connections. */
const ways = 3;
const maxConnections = 2_000;

/** All of one size and of each size between are as likely: 1 to 10 as 200 to 2,000. */
function size(least: number, most: number): Arbitrary<number> {
  return integer({ min: 0, max: 1_000 }).map(share => Math.round(least * (most / least) ** (share / 1_000)));
}

const framing: Arbitrary<Framing> = oneof(
  constant<Framing>({ kind: 'length' }),
  size(1, 65_536).map((bytes): Framing => ({ kind: 'chunks', bytes })),
  size(1, 16_384).map((bytes): Framing => ({ kind: 'records', bytes })),
);

/** Up to as many containers as a pod may have. */
const pod: Arbitrary<ReviewBody> = record({
  kind: constant('pod' as const),
  containers: size(1, 4_000),
  namespace: constantFrom('attacker', 'attacker-#'),
  account: constantFrom('app', 'longest', 'long', 'plain', 'unknown-#'),
});

const body: Arbitrary<ReviewBody> = oneof(
  { arbitrary: pod, weight: 3 },
  { arbitrary: size(1, largestBodyBytes).map((bytes): ReviewBody => ({ kind: 'spaces', bytes })), weight: 1 },
  { arbitrary: constant<ReviewBody>({ kind: 'endless' }), weight: 1 },
);

const reviews: Arbitrary<ReviewsAttack> = record({
  kind: constant('reviews' as const),
  connections: size(1, maxConnections / ways),
  addresses: size(1, 16),
  framing,
  body,
  reading: constantFrom<Reading>('none', 'slow', 'fast'),
  names: constantFrom(1, 100, 1_000_000),
});

/** Attacks that are made up; the same for the same seed. */
export function generateAttacks(seed: number): readonly Attack[] {
  const [attacks = []] = sample(array(reviews, { minLength: ways, maxLength: ways }), { seed, numRuns: 1 });
  return attacks;
}
