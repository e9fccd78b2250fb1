import type { ReviewContext } from '../../src/admission/answer.ts';

/** Returns the context of a review that has its process to itself. */
export function createLoneContext(waitMs: number): ReviewContext {
  return { waitMs, isLarge: true, inTurn: (_size, work) => Promise.resolve(work()) };
}
