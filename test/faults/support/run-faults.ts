import type { Fault, Figure, NotPossible } from './fault.ts';
import type { Lab } from './lab.ts';

/** What became of one row. */
export interface RowResult {
  readonly row: number;
  readonly name: string;
  readonly expected: string;
  readonly outcome: 'met' | 'missed' | 'not-possible';
  readonly sent: number;
  readonly failed: number;
  readonly unmutated: number;
  readonly seconds: number;
  readonly detail: string;
  readonly misses: readonly string[];
}

/**
 * Runs the programs, one after the other; those that mostly wait run beside them, all at once. Tells of each as soon as it
 * has ended.
 */
export async function runFaults(
  lab: Lab,
  faults: readonly Fault[],
  tell: (result: RowResult) => void,
): Promise<readonly RowResult[]> {
  const results: RowResult[] = [];
  const runOne = async (fault: Fault): Promise<void> => {
    const result = await runFault(lab, fault);
    results.push(result);
    tell(result);
  };
  const waiting = faults.filter(fault => fault.waits).map(runOne);
  for (const fault of faults.filter(fault => !fault.waits)) await runOne(fault);
  await Promise.all(waiting);
  return results.toSorted((left, right) => left.row - right.row);
}

async function runFault(lab: Lab, fault: Fault): Promise<RowResult> {
  const startMs = performance.now();
  const found = await fault.run(lab).catch(failure);
  const seconds = (performance.now() - startMs) / 1_000;
  const { row, name, expected } = fault;
  const nothing = { sent: 0, failed: 0, unmutated: 0, misses: [] };
  if ('kind' in found)
    return { row, name, expected, seconds, ...nothing, outcome: 'not-possible', detail: found.reason };
  return { row, name, expected, seconds, outcome: found.misses.length === 0 ? 'met' : 'missed', ...found };
}

/** A program that throws has not shown what it is to show. */
function failure(error: unknown): Figure | NotPossible {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { sent: 0, failed: 0, unmutated: 0, detail: text, misses: ['the program failed'] };
}
