import { describe, expect, test } from 'vitest';
import { emptyMapping } from '../../src/identity/mapping.ts';
import { noAssociations } from '../../src/identity/associations.ts';
import { AccountSnapshot } from '../../src/cluster/accounts.ts';
import { answerOf, reviewOf, reviewerWith } from '../admission/support.ts';
import { defaultsWith } from '../identity/support.ts';
import { largeReviews } from './large-reviews.ts';
import { maxAnswerBytes } from './limits.ts';

const reviewer = reviewerWith();

/** Time of the processor, so that other programs do not count; the shortest of three, since garbage collection does. */
function reviewMs(body: string): number {
  const times = Array.from({ length: 3 }, () => {
    const before = process.threadCpuUsage();
    answerOf(reviewer, body);
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1_000;
  });
  return Math.min(...times);
}

const smallBytes = 65_536;
const growth = 8;

describe('review() of a pod that is made to be expensive', () => {
  // Eight times the size takes eight times as long where time is linear, and 64 times where it is quadratic: between the
  // two, and 100 ms for what the garbage collector does when it likes. What was quadratic took seconds.
  test.each(largeReviews)('takes linear time: $name (E79)', ({ build }) => {
    const onceMs = reviewMs(build(smallBytes));
    const grownMs = reviewMs(build(growth * smallBytes));
    expect(grownMs).toBeLessThan(3 * growth * onceMs + 100);
  });

  test.each(largeReviews)('has an answer of bounded size and few notices: $name (E79)', ({ build }) => {
    const answer = answerOf(reviewer, build(3_000_000));
    if (answer.kind !== 'answered') throw new Error(`expected an answer, found ${answer.kind}`);
    expect(answer.body.length).toBeLessThan(maxAnswerBytes);
    expect(answer.decision.notices.length).toBeLessThanOrEqual(100);
  });

  test.each([
    { name: 'as long as a role can be', role: 'x'.repeat(640), reason: 'identity_injected' },
    { name: 'as long as a role can be, all of it escaped', role: '"'.repeat(640), reason: 'identity_injected' },
    { name: 'full of control characters', role: '\u0001'.repeat(640), reason: 'invalid_role_arn' },
    { name: 'as long as an annotation can be', role: 'x'.repeat(250_000), reason: 'invalid_role_arn' },
  ])('has an answer of bounded size when the role is $name', ({ role, reason }) => {
    const snapshot = new AccountSnapshot({
      mapping: emptyMapping,
      associations: noAssociations,
      defaults: defaultsWith(),
    });
    snapshot.add({ metadata: { name: 'app', annotations: { 'eks.amazonaws.com/role-arn': role } } }, 'ns');
    const containers = Array.from({ length: 4_000 }, (_, index) => ({ name: `c${index}` }));
    const review = reviewOf({ object: { spec: { serviceAccountName: 'app', containers } } });
    const answer = answerOf(reviewerWith({ identities: snapshot }), review);
    if (answer.kind !== 'answered') throw new Error(`expected an answer, found ${answer.kind}`);
    expect(answer.decision.reason).toBe(reason);
    expect(answer.body.length).toBeLessThan(reason === 'invalid_role_arn' ? 2_000 : maxAnswerBytes);
  });
});
