import { describe, expect, test } from 'vitest';
import type { ReviewAnswer, ReviewContext } from '../../src/admission/answer.ts';
import type { IdentityAnswer } from '../../src/identity/identity.ts';
import { webIdentity } from '../injection/support.ts';
import { constantSource, pod, reviewerWith, reviewOf } from './support.ts';

/** A server that gives turns when the test says so. */
function heldContext(isLarge = false): ReviewContext & { readonly sizes: string[]; next(): void } {
  const sizes: string[] = [];
  const turn = Promise.withResolvers<void>();
  return {
    waitMs: 1_000,
    isLarge,
    sizes,
    next: turn.resolve,
    async inTurn(size, work) {
      sizes.push(size);
      await turn.promise;
      return work();
    },
  };
}

const identity: IdentityAnswer = { kind: 'identity', identity: webIdentity };

function reviewWith(containers: number): string {
  const spec = { serviceAccountName: 'app', containers: Array.from({ length: containers }, () => ({})) };
  return reviewOf({ object: { ...pod, spec } });
}

describe('review()', () => {
  test('answers an ordinary pod at once', () => {
    const context = heldContext();
    expect(reviewerWith().review(reviewWith(200), context)).toMatchObject({ kind: 'answered' });
    expect(context.sizes).toEqual([]);
  });

  test.each([
    { name: 'a pod of many containers', containers: 201, isLate: false, size: 'large' },
    { name: 'a pod whose account is read', containers: 1, isLate: true, size: 'small' },
    { name: 'a pod of many containers whose account is read', containers: 201, isLate: true, size: 'large' },
  ])('takes its turn for $name, and then answers as at once (E171)', async ({ containers, isLate, size }) => {
    const source = isLate ? { identityOf: () => Promise.resolve(identity) } : constantSource(identity);
    const context = heldContext();
    const review = reviewWith(containers);
    const answer = reviewerWith({ identities: source }).review(review, context);
    let settled: ReviewAnswer | undefined;
    const settling = Promise.resolve(answer).then(value => (settled = value));
    await new Promise(resolve => setImmediate(resolve));
    expect(context.sizes).toEqual([size]);
    expect(settled).toBeUndefined();
    context.next();
    await settling;
    expect(settled).toEqual(reviewerWith().review(review, heldContext(true)));
  });

  test('takes no second turn for what is large already', () => {
    expect(reviewerWith().review(reviewWith(4_000), heldContext(true))).toMatchObject({ kind: 'answered' });
  });
});
