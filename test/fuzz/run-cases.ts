import * as fc from 'fast-check';
import { caseArbitrary } from './case-arbitrary.ts';
import { findProblems } from './find-problems.ts';
import type { FuzzCase } from './fuzz-case.ts';
import type { Regression } from './regressions.ts';

/** Of processor time, so that other programs do not count; a hundred times what the slowest case takes. */
const maxCaseMs = 5_000;

export interface RunResult {
  /** Cases that were run, without those that only minimised a failure. */
  readonly cases: number;
  readonly slowestMs: number;
  /** The minimised failure, if there is one. */
  readonly failure: Regression | undefined;
}

/** Runs that many cases; the same seed gives the same cases. */
export function runCases(seed: number, cases: number): RunResult {
  let slowestMs = 0;
  const holds = fc.property(caseArbitrary, fuzzCase => {
    const before = process.threadCpuUsage();
    const problems = findProblems(fuzzCase);
    const { user, system } = process.threadCpuUsage(before);
    const tookMs = (user + system) / 1_000;
    slowestMs = Math.max(slowestMs, tookMs);
    return problems.length === 0 && tookMs <= maxCaseMs;
  });
  const details = fc.check(holds, { seed, numRuns: cases });
  const [found] = details.counterexample ?? [];
  const failure = found === undefined ? undefined : { problems: describe(found), case: found };
  return { cases: details.numRuns, slowestMs, failure };
}

function describe(found: FuzzCase): readonly string[] {
  const problems = findProblems(found);
  return problems.length > 0 ? problems : [`took more than ${maxCaseMs} ms`];
}
