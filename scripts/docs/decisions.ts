import type { SourceFile } from '../read-tree.ts';

/** The numbers of the sections of `docs/decisions.md`, in their order. */
export function parseDecisions(page: string): readonly number[] {
  return Array.from(page.matchAll(/^## (\d+)\. \S/gm), ([, number]) => Number(number));
}

/** What is wrong with the page; empty when every "decision 5" can be looked up. */
export function findDecisionProblems(decisions: readonly number[], files: readonly SourceFile[]): readonly string[] {
  const known = new Set(decisions);
  const unknown = files.flatMap(({ path, text }) =>
    Array.from(text.matchAll(/\bdecisions? (\d+)\b/gi), ([, number]) => Number(number))
      .filter(number => !known.has(number))
      .map(number => `decision ${number} is cited in ${path} and has no section`),
  );
  const misplaced = decisions.flatMap((number, index) => {
    const before = decisions[index - 1] ?? 0;
    return number > before ? [] : [`decision ${number} stands behind decision ${before}`];
  });
  return [...misplaced, ...unknown];
}
