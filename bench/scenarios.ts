import type { Checked } from './check-webhook.ts';
import type { Load, Target } from './load.ts';
import { sendOpenLoop } from './open-loop-load.ts';
import type { Review } from './reviews.ts';
import { saturate } from './saturated-load.ts';

/** One kind of load, measured in every round for every webhook. */
export interface Scenario {
  readonly kind: 'saturated' | 'open_loop';
  /** Size of the review, or reviews a second. */
  readonly name: string;
  /** `round` counts from 0; webhooks that are compared get the same load in the same round. */
  measure(target: Target, checked: Checked, round: number): Promise<Load>;
}

const connections = 16;
const warmUpMs = 400;
/** Reviews a second: a busy cluster, a very large one, and more than any is known to need. */
const rates = [500, 1_000, 1_500];
/** The review of a usual pod. */
const openLoopReview = '8 KB';

/** Every size with all that the webhook can do, then the usual size at fixed rates. */
export function createScenarios(reviews: readonly Review[], measuredMs: number): readonly Scenario[] {
  const usual = reviews.find(review => review.name === openLoopReview);
  if (usual === undefined) throw new RangeError(`expected a review of ${openLoopReview}`);
  return [
    ...reviews.map(review => saturated(review, measuredMs)),
    ...rates.map(rate => openLoop(usual, rate, measuredMs)),
  ];
}

function saturated({ name, body }: Review, measuredMs: number): Scenario {
  const options = { connections, warmUpMs, measuredMs };
  return { kind: 'saturated', name, measure: target => saturate(target, body, options) };
}

function openLoop({ name, body }: Review, ratePerSecond: number, measuredMs: number): Scenario {
  return {
    kind: 'open_loop',
    name: `${ratePerSecond.toLocaleString('en')}/s`,
    measure(target, checked, round) {
      const answerBytes = checked.answerBytes.get(name) ?? -1;
      return sendOpenLoop(target, body, { ratePerSecond, warmUpMs, measuredMs, answerBytes, seed: round + 1 });
    },
  };
}

const coldStartMs = 2_000;

/** Nothing is counted: a program that has just started is still being compiled. */
export async function warmUp(target: Target, reviews: readonly Review[]): Promise<void> {
  for (const { body } of reviews) {
    await saturate(target, body, { connections, warmUpMs: 0, measuredMs: coldStartMs / reviews.length });
  }
}
